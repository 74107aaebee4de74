import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeTransportHeader, parseTransportHeader } from './transport-header.ts'

describe('parseTransportHeader()', () => {
  test('reads back what encodeTransportHeader() wrote, and waits for it at every cut', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 65_535 }),
        fc.constantFrom('', 'web.shop.svc.cluster.local'),
        fc.constantFrom('http1' as const, 'http2' as const, 'opaque' as const),
        (port, name, sessionProtocol) => {
          const header = { port, name, sessionProtocol }
          const bytes = encodeTransportHeader(header)
          const parsed = parseTransportHeader(Buffer.concat([bytes, Buffer.from('rest')]))
          expect(parsed).toEqual({ kind: 'header', header, sizeBytes: bytes.length })
          for (let size = 0; size < bytes.length; size++) {
            expect(parseTransportHeader(bytes.subarray(0, size)).kind).toBe('incomplete')
          }
        },
      ),
    )
  })

  test('is laid out as linkerd2-proxy writes it', () => {
    const bytes = encodeTransportHeader({ port: 8080, name: '', sessionProtocol: 'http1' })
    expect(bytes.toString('latin1', 0, 22)).toBe('transport.l5d.io/v1\r\n\r')
    expect(bytes.toString('hex', 23)).toBe('00000007' + '08903f' + '1a020a00')
  })
})
