import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redacted, redactHeaders, sensitiveHeaders } from './redact.ts'

test('redactHeaders() leaves out the values of named headers, however they are spelled, and no others', () => {
  const names = new Set(sensitiveHeaders)
  const name = fc.oneof(
    fc.constantFrom(...sensitiveHeaders, ...sensitiveHeaders.map(each => each.toUpperCase())),
    fc.constantFrom('accept', 'x-api-key-id', 'cookies'),
  )
  fc.assert(
    fc.property(fc.array(fc.record({ name, value: fc.string() })), headers => {
      const told = redactHeaders(headers, names)
      expect(told.map(header => header.name)).toEqual(headers.map(header => header.name))
      told.forEach((header, i) => {
        const isSensitive = names.has(header.name.toLowerCase())
        expect(header.value).toBe(isSensitive ? redacted : headers[i]?.value)
      })
    }),
  )
})
