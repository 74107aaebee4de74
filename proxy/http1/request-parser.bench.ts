import { Buffer } from 'node:buffer'
import { bench, describe } from 'vitest'
import { HttpRequest } from '#proxy/http/message.ts'
import { HeadReader } from './head-reader.ts'
import { RequestParser } from './request-parser.ts'

const SHORT = 'GET /x HTTP/1.1\r\nHost: catalog\r\n\r\n'
const BROWSER = [
  'GET /api/users/42?fields=name HTTP/1.1',
  'Host: catalog.shop.svc.cluster.local:8080',
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36',
  'Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8',
  'Accept-Language: en-US,en;q=0.5',
  'Accept-Encoding: gzip, deflate, br',
  'Connection: keep-alive',
  'Cookie: session=0123456789abcdef0123456789abcdef; theme=dark',
  'X-Request-Id: 7981ae0e-b09c-4ff2-a24b-c4d11ad76d06',
  'Cache-Control: no-cache',
  '\r\n',
].join('\r\n')

describe('HeadReader.read()', () => {
  for (const [name, head] of [
    ['a short request', SHORT],
    ["a browser's request", BROWSER],
  ] as const) {
    const reader = new HeadReader(new RequestParser(new HttpRequest()), 65_536)
    const bytes = Buffer.from(head, 'latin1')
    bench(name, () => {
      reader.read(bytes, 0, bytes.length)
    })
  }
})
