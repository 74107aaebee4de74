import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type HeaderBlock, Known } from '#proxy/http/header-block.ts'
import { HttpRequest } from '#proxy/http/message.ts'
import { VALUE } from '#proxy/http1/characters.ts'
import { fillHeaders, type RawFields, readRequest } from './read-fields.ts'
import { requestFields, trailerFields } from './write-fields.ts'

const BYTES = Array.from(VALUE, (isMember, byte) => (isMember === 1 ? String.fromCharCode(byte) : '')).join(
  '',
)
const name = fc.string({ unit: fc.constantFrom(...'abcxyz019-_!'), minLength: 1, maxLength: 12 })
const value = fc
  .string({ unit: fc.constantFrom(...BYTES), maxLength: 20 })
  .map(text => text.replace(/^[ \t]+|[ \t]+$/g, ''))
const path = fc.string({ unit: fc.constantFrom(...'abc/?&=%20;*'), maxLength: 20 }).map(text => `/${text}`)

function read(fields: RawFields): HttpRequest {
  const result = readRequest(fields)
  if (result.kind === 'refused') throw new Error(`Refused: ${result.reason}`)
  return result.request
}

/** What node:http2 makes fields of: an array is as many fields. */
function flat(fields: ReturnType<typeof requestFields>): readonly (readonly [string, string])[] {
  return Object.entries(fields).flatMap(([key, given]) =>
    (Array.isArray(given) ? given : [given]).map(one => [key, String(one)] as const),
  )
}

function filled(lines: readonly (readonly [string, string])[], added: [string, string][] = []): HeaderBlock {
  const { headers } = new HttpRequest()
  fillHeaders(headers, '', lines.flat())
  for (const [key, given] of added) headers.add(key, given)
  return headers
}

describe('requestFields()', () => {
  test('gives what readRequest() read, with those fields removed and added that were', () => {
    fc.assert(
      fc.property(path, fc.array(fc.tuple(name, value), { maxLength: 20 }), (target, plain) => {
        const pseudo = [':method', 'POST', ':scheme', 'http', ':authority', 'catalog:80', ':path', target]
        const request = read([...pseudo, ...plain.flat()])
        expect(request.target).toBe(target)
        expect(byName(flat(requestFields(request)))).toEqual(byName([...pairs(pseudo), ...plain]))
        request.headers.add('l5d-client-id', 'me')
        const first = plain[0]
        if (first !== undefined) request.headers.removeAll(first[0])
        const changed = flat(requestFields(request))
        expect(changed).toContainEqual(['l5d-client-id', 'me'])
        if (first !== undefined) expect(changed.map(([key]) => key)).not.toContain(first[0])
      }),
    )
  })

  test('leaves out what concerns one connection only, and repeated fields in one line where they may not repeat', () => {
    const headers = filled([
      ['connection', 'x-hop'],
      ['keep-alive', 'timeout=5'],
      ['proxy-connection', 'keep-alive'],
      ['transfer-encoding', 'chunked'],
      ['upgrade', 'h2c'],
      ['http2-settings', 'AAMAAABk'],
      ['te', 'gzip'],
      ['host', 'other'],
      ['content-encoding', 'gzip'],
      ['content-encoding', 'br'],
      ['__proto__', 'kept'],
      ['cookie', 'a=1'],
      ['cookie', 'b=2'],
    ])
    const request = new HttpRequest()
    request.method = 'GET'
    request.authority = 'catalog'
    request.headers.bytes = headers.bytes
    Object.assign(request, { headers })
    expect(flat(requestFields(request))).toEqual([
      [':method', 'GET'],
      [':scheme', 'http'],
      [':authority', 'catalog'],
      [':path', '/'],
      ['content-encoding', 'gzip, br'],
      ['__proto__', 'kept'],
      ['cookie', 'a=1; b=2'],
    ])
  })
})

test.each([
  ['trailers', 'trailers'],
  ['Trailers', 'Trailers'],
  ['gzip', undefined],
])('requestFields() leaves %j of TE as %j', (said, told) => {
  const request = read([':method', 'GET', ':scheme', 'http', ':path', '/', ':authority', 'a', 'te', said])
  expect(requestFields(request).te).toBe(told)
})

describe('trailerFields()', () => {
  test('lets no trailer say what only a head may', () => {
    const trailers = filled([
      ['grpc-status', '0'],
      ['content-length', '5'],
      ['l5d-client-id', 'me'],
      ['transfer-encoding', 'chunked'],
    ])
    expect(trailers.find(Known.grpcStatus)).toBe(0)
    expect(flat(trailerFields(trailers))).toEqual([['grpc-status', '0']])
  })
})

describe('readRequest()', () => {
  const head = (...fields: string[]) => [':method', 'GET', ':scheme', 'http', ...fields]
  test.each([
    ['a target with a blank', head(':path', '/a b', ':authority', 'a'), 400],
    ['a target with a line end', head(':path', '/a\r\nb', ':authority', 'a'), 400],
    ['a target that is no path', head(':path', 'http://b/', ':authority', 'a'), 400],
    ['no target', head(':authority', 'a'), 400],
    ['an asterisk but for OPTIONS', head(':path', '*', ':authority', 'a'), 400],
    ['a host beside another authority', head(':path', '/', ':authority', 'a', 'host', 'b'), 400],
    ['an authority with a user and a path', head(':path', '/', ':authority', 'a@b/c'), 400],
    [
      'too many fields',
      [...head(':path', '/'), ...Array.from({ length: 128 }, (_, i) => [`x${i}`, '']).flat()],
      431,
    ],
    ['CONNECT', [':method', 'CONNECT', ':authority', 'a:80'], 501],
  ])('refuses %s', (_, fields, status) => {
    expect(readRequest(fields)).toMatchObject({ kind: 'refused', status })
  })

  test('takes the host for the authority where that is missing', () => {
    const request = read(head(':path', '/', 'host', 'Catalog'))
    expect(request.authority).toBe('catalog')
    expect(request.headers.entries()).toEqual([])
  })
})

/** Sorted by name; of one name, as they came. */
function byName(fields: readonly (readonly [string, string])[]) {
  return fields.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function pairs(fields: readonly string[]): [string, string][] {
  return fields.flatMap((field, i) => (i % 2 === 0 ? [[field, fields[i + 1] ?? ''] as [string, string]] : []))
}
