import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestHttp } from './test-http.ts'

let http: TestHttp
beforeEach(async () => {
  http = await TestHttp.start()
})
afterEach(() => http.close())
const get: TestHttp['get'] = (...asked) => http.get(...asked)

describe('the doors', () => {
  test.each(['evil.example', 'localhost.evil.example', '10.0.0.1:8084'])('refuse Host %s', async host => {
    for (const path of ['/api/v1/workloads', '/', '/metrics', '/healthz']) {
      const got = await get(path, { host })
      expect(got.status).toBe(400)
      expect(got.json().error?.code).toBe('HOST_REFUSED')
    }
  })

  test.each([
    ['two different', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.example', 400],
    ['two equal', 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nhost: localhost', 400],
    ['one, and another in the target', 'GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost', 400],
    ['one, and the same in the target', 'GET http://localhost/healthz HTTP/1.1\r\nHost: localhost', 200],
    ['none', 'GET /healthz HTTP/1.0', 400],
  ])('let one Host in, not %s', async (_, head, status) => {
    expect(await http.statusOf(`${head}\r\nConnection: close\r\n\r\n`)).toBe(status)
  })

  test('refuse writes of another origin, and let programs on', async () => {
    const host = 'localhost:8084'
    const foreign = await get('/api/v1/workloads', { host, origin: 'http://evil.example' }, 'POST')
    expect(foreign).toMatchObject({ status: 403 })
    expect(await get('/', { host, origin: 'null' }, 'DELETE')).toMatchObject({ status: 403 })
    expect(await get('/', { host, 'sec-fetch-site': 'same-site' }, 'PUT')).toMatchObject({ status: 403 })
    const vouched = { host, origin: 'http://localhost:8001', 'sec-fetch-site': 'same-origin' }
    expect(await get('/', vouched, 'PUT')).toMatchObject({ status: 405 })
    expect(await get('/', { host, origin: 'http://localhost:8084' }, 'PUT')).toMatchObject({ status: 405 })
    expect(await get('/', { host }, 'PUT')).toMatchObject({ status: 405 })
  })
})
