import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { HttpResponse } from '#proxy/http/message.ts'
import { HeadReader } from './head-reader.ts'
import { FAULTY, INCOMPLETE } from './header-lines.ts'
import { ResponseParser } from './response-parser.ts'

function parse(pieces: readonly string[]) {
  const response = new HttpResponse()
  const parser = new ResponseParser(response)
  const reader = new HeadReader(parser, 65_536)
  for (const piece of pieces) {
    const bytes = Buffer.from(piece, 'latin1')
    const end = reader.read(bytes, 0, bytes.length)
    if (end === FAULTY) return { fault: reader.fault, response, framing: parser.framing }
    if (end !== INCOMPLETE) return { fault: null, response, framing: parser.framing }
  }
  return { fault: 'incomplete', response, framing: parser.framing }
}

const HEAD = 'HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nServer: x\r\n\r\n'

describe('ResponseParser', () => {
  test('parse() reads status, reason and headers, wherever reads cut the head', () => {
    for (let at = 1; at <= HEAD.length; at++) {
      const { fault, framing, response } = parse([HEAD.slice(0, at), HEAD.slice(at)])
      expect(fault).toBeNull()
      expect(response.status).toBe(404)
      expect(response.headers.bytes.toString('latin1', response.reasonStart, response.reasonEnd)).toBe(
        'Not Found',
      )
      expect(response.headers.get('server')).toBe('x')
      expect(framing.contentLength).toBe(3)
    }
  })

  test('parse() reads a status without a reason, with and without its space', () => {
    expect(parse(['HTTP/1.1 204 \r\n\r\n']).response.status).toBe(204)
    expect(parse(['HTTP/1.1 204\r\n\r\n']).response.status).toBe(204)
    expect(parse(['HTTP/1.0 200 OK\r\n\r\n']).response.isHttp10).toBe(true)
  })

  test.each([
    ['invalid status line', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['invalid status line', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['invalid status line', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['invalid status line', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['invalid status line', 'SSH-2.0-OpenSSH_9\r\n'],
    ['bare LF', 'HTTP/1.1 200 OK\nContent-Length: 3\n\n'],
    [
      'content-length with transfer-encoding',
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['more than one content-length', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n'],
    ['invalid content-length', 'HTTP/1.1 200 OK\r\nContent-Length: 3,3\r\n\r\n'],
    ['unsupported transfer-encoding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n'],
    ['unsupported transfer-encoding', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    ['line folding', 'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n'],
    ['invalid header name', 'HTTP/1.1 200 OK\r\nA : b\r\n\r\n'],
  ])('parse() refuses: %s in %j', (expected, head) => {
    expect(parse([head]).fault).toBe(expected)
    expect(parse([...head]).fault).toBe(expected)
  })
})
