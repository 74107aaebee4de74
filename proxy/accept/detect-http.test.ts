import { Buffer } from 'node:buffer'
import { describe, expect, test } from 'vitest'
import { detectHttp } from './detect-http.ts'

const detect = (text: string) => detectHttp(Buffer.from(text, 'latin1'))

describe('detectHttp()', () => {
  test.each([
    ['GET / HTTP/1.1\r\n', 'http1'],
    ['GET /\n', 'http1'],
    ['OPTIONS * HTTP/1.1', 'http1'],
    ['GET http://a/ HTTP/1.1', 'http1'],
    ['CONNECT a:80 HTTP/1.1', 'http1'],
    ['M-SEARCH * HTTP/1.1', 'http1'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'http2'],
    ['GET key\r\n', 'not-http'],
    ['*1\r\n$4\r\nPING\r\n', 'not-http'],
    ['\x16\x03\x01', 'not-http'],
    ['get / HTTP/1.1', 'not-http'],
    [' GET / HTTP/1.1', 'not-http'],
    [`${'A'.repeat(33)}`, 'not-http'],
  ])('takes %j for %s', (text, version) => {
    expect(detect(text)).toBe(version)
  })

  test('waits while the bytes may still become HTTP', () => {
    for (const text of ['', 'G', 'GET', 'GET ', 'GET h', 'GET http:/', 'PRI * HTTP/2.']) {
      expect(detect(text)).toBeNull()
    }
  })
})
