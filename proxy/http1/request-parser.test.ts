import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HttpRequest } from '#proxy/http/message.ts'
import { HeadReader } from './head-reader.ts'
import { FAULTY, INCOMPLETE } from './header-lines.ts'
import { RequestParser } from './request-parser.ts'

/** Parses a head that comes in the given pieces; what is left of the last piece is `rest`. */
function parse(pieces: readonly string[], maxBytes = 65_536) {
  const request = new HttpRequest()
  const parser = new RequestParser(request)
  const reader = new HeadReader(parser, maxBytes)
  for (const piece of pieces) {
    // At an offset, as a head after another one in the same read.
    const bytes = Buffer.from(`xx${piece}`, 'latin1')
    const end = reader.read(bytes, 2, bytes.length)
    if (end === FAULTY) return { fault: reader.fault, request, framing: parser.framing, rest: '' }
    if (end !== INCOMPLETE) {
      return { fault: null, request, framing: parser.framing, rest: bytes.toString('latin1', end) }
    }
  }
  return { fault: 'incomplete', request, framing: parser.framing, rest: '' }
}

const fault = (head: string) => parse([head]).fault

const HEAD =
  'POST /a/b?c=%20d HTTP/1.1\r\nHost: Shop:80\r\nX-Empty:\r\nX-Spaced: \t a b \t\r\nContent-Length: 12\r\n\r\n'

describe('RequestParser', () => {
  test('parse() reads line, headers and framing', () => {
    const { request, framing, rest } = parse([`${HEAD}body`])
    expect(request.method).toBe('POST')
    expect(request.target).toBe('/a/b?c=%20d')
    expect(request.path).toBe('/a/b')
    expect(request.authority).toBe('shop:80')
    expect(request.headers.get('x-empty')).toBe('')
    expect(request.headers.get('x-spaced')).toBe('a b')
    expect(request.headers.get('x-none')).toBeNull()
    expect(framing.contentLength).toBe(12)
    expect(rest).toBe('body')
  })

  test('parse() reads the same, wherever reads cut the head', () => {
    const whole = parse([HEAD])
    for (let at = 1; at < HEAD.length; at++) {
      const cut = parse([HEAD.slice(0, at), HEAD.slice(at)])
      expect(cut.fault).toBeNull()
      expect(cut.request.target).toBe(whole.request.target)
      expect(cut.request.headers.get('x-spaced')).toBe('a b')
      expect(cut.request.headers.count).toBe(4)
      expect(cut.framing.contentLength).toBe(12)
    }
    const single = parse([...HEAD, 'rest'])
    expect(single.request.headers.count).toBe(4)
    expect(single.fault).toBeNull()
  })

  test('parse() takes the authority of an absolute target over the Host header', () => {
    const { request } = parse(['GET http://Catalog.shop:8080/x HTTP/1.1\r\nHost: other\r\n\r\n'])
    expect(request.authority).toBe('catalog.shop:8080')
    expect(request.target).toBe('/x')
    expect(parse(['GET http://catalog HTTP/1.1\r\nHost: catalog\r\n\r\n']).request.target).toBe('')
  })

  test('parse() takes CONNECT, OPTIONS * and an empty line before the request', () => {
    expect(parse(['CONNECT db:5432 HTTP/1.1\r\nHost: db\r\n\r\n']).request.authority).toBe('db:5432')
    expect(parse(['OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n']).request.target).toBe('*')
    expect(parse(['\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n']).request.target).toBe('/')
  })

  test.each([[['GET']], [['\r\n', 'GET']], [['\r', '\nGET']], [['\r\n\r', '\n', 'GET']]])(
    'parse() takes eight empty lines before the request and no more, cut as %j',
    ([...cuts]) => {
      const line = ' / HTTP/1.1\r\nHost: a\r\n\r\n'
      const own = cuts.join('').split('\r\n').length - 1
      const pieces = (count: number) =>
        ['\r\n'.repeat(count - own), ...cuts, line].filter(text => text !== '')
      expect(parse(pieces(8)).request.target).toBe('/')
      expect(parse(pieces(9)).fault).toBe('too many empty lines')
    },
  )

  test('parse() reads HTTP/1.0 without a host', () => {
    const { request, fault: none } = parse(['GET / HTTP/1.0\r\n\r\n'])
    expect(none).toBeNull()
    expect(request.isHttp10).toBe(true)
  })

  test('parse() drops headers that Connection names, but never those that frame the message', () => {
    const { request, framing } = parse([
      'GET / HTTP/1.1\r\nHost: a\r\nX-Hop: 1\r\nContent-Length: 3\r\nConnection: x-hop, content-length, close\r\n\r\n',
    ])
    expect(request.headers.get('x-hop')).toBeNull()
    expect(request.headers.get('content-length')).toBe('3')
    expect(framing.isClose).toBe(true)
  })

  test('parse() takes no byte but space and tab for space around what Connection names', () => {
    const { request, framing } = parse([
      'GET / HTTP/1.0\r\nX-Hop: 1\r\nX-Far: 1\r\nConnection: \xa0keep-alive,\tx-hop ,x-far\xa0\r\n\r\n',
    ])
    expect(framing.isKeepAlive).toBe(false)
    expect(request.headers.get('x-hop')).toBeNull()
    expect(request.headers.get('x-far')).toBe('1')
  })

  test.each([
    ['content-length with transfer-encoding', 'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n'],
    ['content-length with transfer-encoding', 'Transfer-Encoding: chunked\r\nContent-Length: 3\r\n'],
    ['more than one content-length', 'Content-Length: 3\r\nContent-Length: 4\r\n'],
    ['more than one content-length', 'Content-Length: 3\r\nContent-Length: 3\r\n'],
    ['invalid content-length', 'Content-Length: 3, 3\r\n'],
    ['invalid content-length', 'Content-Length: +3\r\n'],
    ['invalid content-length', 'Content-Length: -3\r\n'],
    ['invalid content-length', 'Content-Length: 0x3\r\n'],
    ['invalid content-length', 'Content-Length: \r\n'],
    ['invalid content-length', 'Content-Length: 9999999999999999\r\n'],
    ['unsupported transfer-encoding', 'Transfer-Encoding: gzip, chunked\r\n'],
    ['unsupported transfer-encoding', 'Transfer-Encoding: xchunked\r\n'],
    ['unsupported transfer-encoding', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'],
    ['unsupported transfer-encoding', 'Transfer-Encoding: identity\r\n'],
    ['more than one host', 'Host: b\r\n'],
    ['line folding', 'X-A: b\r\n c: d\r\n'],
    ['invalid header name', 'X-A : b\r\n'],
    ['invalid header name', ': b\r\n'],
    ['invalid header name', 'X-A\r\n'],
    ['invalid header name', 'X(A): b\r\n'],
    ['invalid header value', 'X-A: b\0c\r\n'],
    ['invalid header value', 'X-A: b\x7fc\r\n'],
    ['bare CR', 'X-A: b\rc\r\n'],
    ['bare LF', 'X-A: b\nX-B: c\r\n'],
  ])('parse() refuses: %s in %j', (expected, lines) => {
    expect(fault(`GET / HTTP/1.1\r\nHost: a\r\n${lines}\r\n`)).toBe(expected)
  })

  test.each([
    ['invalid method', 'GE(T / HTTP/1.1\r\n'],
    ['invalid method', ' GET / HTTP/1.1\r\n'],
    ['invalid method', `${'A'.repeat(33)} / HTTP/1.1\r\n`],
    ['invalid target', 'GET /a b HTTP/1.1\r\n'.replace('a b', 'a\x01b')],
    ['invalid target', 'GET /é HTTP/1.1\r\n'],
    ['invalid target', 'GET /a#b HTTP/1.1\r\n'],
    ['invalid target', 'GET catalog HTTP/1.1\r\n'],
    ['invalid target', 'GET * HTTP/1.1\r\n'],
    ['invalid target', 'GET http:// HTTP/1.1\r\n'],
    ['invalid target', 'GET http://a@b/ HTTP/1.1\r\n'],
    ['invalid target', 'GET https://a/ HTTP/1.1\r\n'],
    ['invalid version', 'GET / HTTP/1.2\r\n'],
    ['invalid version', 'GET / HTTP/2.0\r\n'],
    ['invalid version', 'GET /  HTTP/1.1\r\n'],
    ['invalid version', 'GET / http/1.1\r\n'],
    ['invalid version', 'GET / HTTP/1.1 \r\n'],
    ['invalid target', 'GET /\r\n'],
    ['bare LF', 'GET / HTTP/1.1\nHost: a\r\n'],
    ['bare CR', 'GET / HTTP/1.1\rHost: a\r\n'],
    ['missing host', 'GET / HTTP/1.1\r\n'],
    ['invalid host', 'GET / HTTP/1.1\r\nHost: a/b\r\n'],
    ['invalid host', 'GET / HTTP/1.1\r\nHost: a b\r\n'],
  ])('parse() refuses: %s in %j', (expected, lines) => {
    expect(fault(`${lines}\r\n`)).toBe(expected)
  })

  test('read() refuses a head above the limit, whole, in pieces, or endless', () => {
    const long = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(300)}\r\n\r\n`
    expect(parse([long], 200).fault).toBe('head too large')
    expect(parse([...long], 200).fault).toBe('head too large')
    expect(parse(['GET / HTTP/1.1\r\nX: ', 'x'.repeat(300)], 200).fault).toBe('head too large')
    expect(parse([long], 400).fault).toBeNull()
  })

  test('read() refuses the 129th header', () => {
    const head = (count: number) =>
      `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: count - 1 }, (_, i) => `x-${i}: y\r\n`).join('')}\r\n`
    expect(fault(head(128))).toBeNull()
    expect(fault(head(129))).toBe('too many headers')
  })

  test('read() never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), arrays => {
        const pieces = arrays.map(bytes => Buffer.from(bytes).toString('latin1'))
        parse(['GET / HTTP/1.1\r\n', ...pieces, '\r\n\r\n'])
        parse(pieces)
      }),
    )
  })
})
