import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { detectHttp, watchFirstLine } from './detect-http.ts'

const detect = (text: string) => detectHttp(Buffer.from(text, 'latin1'))

describe('detectHttp()', () => {
  test.each([
    ['GET / HTTP/1.1\r\n', 'http1'],
    ['GET /\n', 'http1'],
    ['OPTIONS * HTTP/1.1', 'http1'],
    ['GET http://a/ HTTP/1.1', 'http1'],
    ['CONNECT a:80 HTTP/1.1', 'http1'],
    ['CONNECT a:80\r\n', 'http1'],
    ['M-SEARCH * HTTP/1.1', 'http1'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
    ['PRI * HTTP/2.0\r\nhost: a', 'http1'],
    ['GET key\r\n', 'http1'],
    ['@GET / HTTP/1.1\r\n', 'http1'],
    ['GET@ / http/1.1\r\n', 'http1'],
    ['\x00GET / HTTP/1.1\r\n', 'http1'],
    ['set /key 0 0 5\r\n', 'not-http'],
    ['get key\r\n', 'not-http'],
    ['EHLO mail.example\r\n', 'not-http'],
    ['MAIL FROM:<a@b>\r\n', 'not-http'],
    ['CONNECT {"verbose":false}\r\n', 'not-http'],
    ['CONNECT\naccept-version:1.2\n', 'not-http'],
    ['*1\r\n$4\r\nPING\r\n', 'not-http'],
    ['\x01binary', 'not-http'],
    ['\x16\x03\x01', 'not-http'],
    ['{"id":1}', 'not-http'],
  ])('takes %j for %s', (text, version) => {
    expect(detect(text)).toBe(version)
  })

  test.each([
    '\r\nGET / HTTP/1.1',
    '\n\n\rGET / HTTP/1.1',
    ' GET / HTTP/1.1',
    'GET  / HTTP/1.1',
    'GET\t/ HTTP/1.1',
    'GET\xa0x\xa0HTTP/1.1',
    'GET https://a/ HTTP/1.1',
    'GET a://b\r\n',
    'get / http/1.1',
    'PATCH x y HTTP/1.1',
    'SOURCE /a ICE/1.0\r\n',
    `${'A'.repeat(100)} x HTTP/1.1`,
  ])('takes %j, which some parser reads, for http1', text => {
    expect(detect(text)).toBe('http1')
  })

  test('waits while the bytes may still become HTTP', () => {
    for (const text of ['', '\r\n', 'G', 'GET', 'GET ', 'PUT h', 'PUT http:/', 'get x', 'PRI * HTTP/2.']) {
      expect(detect(text)).toBeNull()
    }
  })

  test('takes a line that never ends, and could be of HTTP, for http1', () => {
    for (const text of ['\n'.repeat(8192), 'A'.repeat(8192), `PUT ${'a'.repeat(8192)}`]) {
      expect(detect(text.slice(0, 8191))).toBeNull()
      expect(detect(text)).toBe('http1')
    }
  })
})

describe('watchFirstLine()', () => {
  const passes = (first: string, ...chunks: string[]) => {
    const mayPass = watchFirstLine(Buffer.from(first, 'latin1'))
    return chunks.map(chunk => mayPass(Buffer.from(chunk, 'latin1')))
  }

  test('stops a first line that turns out to name HTTP, however it is cut', () => {
    expect(passes('\x00GET', ' / HT', 'TP/1.1\r\nl5d-client-id: a\r\n')).toEqual([true, false])
    expect(passes('\r\n@GET / ', 'HTTP/1.0\n')).toEqual([false])
  })

  test('lets everything after the first line pass', () => {
    expect(passes('*1\r\n$4', '\r\nHTTP/1.1\r\n')).toEqual([true])
    expect(passes('\x01'.repeat(8192), 'HTTP/')).toEqual([true])
  })
})
