import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
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
