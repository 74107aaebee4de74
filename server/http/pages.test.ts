import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { finished } from './pages.ts'
import { pageUnder, TestHttp } from './test-http.ts'

let http: TestHttp
beforeEach(async () => {
  http = await TestHttp.start()
})
afterEach(() => http.close())
const get: TestHttp['get'] = (...asked) => http.get(...asked)

describe('pages', () => {
  test('come with a policy that allows their own inline scripts and nothing else', async () => {
    const got = await get('/namespaces')
    expect(got.body.toString()).toBe(pageUnder(''))
    const policy = String(got.headers['content-security-policy'])
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy.match(/'sha256-[^']+'/g)).toHaveLength(2)
    // printf 'one()' | openssl dgst -sha256 -binary | base64
    expect(policy).toContain("'sha256-HR7iaask9daLMRRskMI++QeJtjWDOjyPA6lGzYGzKW4='")
    expect(got.headers['x-content-type-options']).toBe('nosniff')
  })

  test('keep the policy a browser holds, when nothing changed', async () => {
    const { etag = '' } = (await get('/namespaces')).headers
    const got = await get('/namespaces', { 'if-none-match': `"other", ${String(etag)}` })
    expect(got.status).toBe(304)
    expect(got.headers['content-security-policy']).toBeUndefined()
    expect(got.body).toHaveLength(0)
  })

  test('have their files compressed', async () => {
    const got = await get('/big.js', { 'accept-encoding': 'gzip' })
    expect(got.headers['content-encoding']).toBe('gzip')
    expect(got.body.length).toBeLessThan(1_000)
    expect(gunzipSync(got.body).toString()).toBe('let x = "";'.repeat(2_000))
  })

  test('give a HEAD request the length of what GET would send', async () => {
    const whole = await get('/namespaces', { 'x-forwarded-prefix': '/a/longer/prefix' })
    const head = await get('/namespaces', { 'x-forwarded-prefix': '/a/longer/prefix' }, 'HEAD')
    expect(head.body).toHaveLength(0)
    expect(head.headers['content-length']).toBe(String(whole.body.length))
  })
})

test('files that last are made once for each way they are sent, and sent again the same', async () => {
  let made = 0
  const handle = finished(async (_, response) => {
    response.setHeader('content-type', 'application/javascript').setHeader('cache-control', 'immutable')
    response.end(`let made = ${++made} // ${' '.repeat(2_000)}`)
  })
  const server = createServer((request, response) => void handle(request, response, '/mesh'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const { port } = server.address() as AddressInfo
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
  }
  const file = '/_next/static/chunks/a.js'
  const first = await ask(file)
  const { date: _, ...again } = (await ask(file)).headers
  expect(first.headers).toMatchObject({ ...again, 'cache-control': 'immutable', 'content-encoding': 'gzip' })
  expect((await ask(file)).body).toBe(first.body)
  expect(await ask(file, { 'if-none-match': first.headers.etag ?? '' })).toMatchObject({
    status: 304,
    body: '',
  })
  expect(made).toBe(1)
  expect((await ask(file, { 'accept-encoding': 'identity' })).body).toContain('made = 2')
  expect((await ask(`${file}?other`)).body).toContain('made = 3')
  expect((await ask('/a.js')).body).toContain('made = 4')
  expect((await ask('/a.js')).body).toContain('made = 5')
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
})
