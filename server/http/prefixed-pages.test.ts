import { brotliDecompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stripPrefixes } from './prefix.ts'
import { pageUnder, TestHttp } from './test-http.ts'

let http: TestHttp
beforeEach(async () => {
  http = await TestHttp.start()
})
afterEach(() => http.close())
const get: TestHttp['get'] = (...asked) => http.get(...asked)

describe('under a path prefix', () => {
  test('pages name it everywhere, and their policy is that of what is sent', async () => {
    const plain = await get('/namespaces')
    const got = await get('/namespaces', { 'x-forwarded-prefix': '/team/mesh/' })
    expect(got.body.toString()).toBe(pageUnder('/team/mesh'))
    expect(got.headers.vary).toContain('X-Forwarded-Prefix')
    expect(got.headers.etag).not.toBe(plain.headers.etag)
    // printf 'go("/team/mesh/a")' | openssl dgst -sha256 -binary | base64
    expect(got.headers['content-security-policy']).toContain(
      "'sha256-aGT++UhHMgbxqEDV+KCZu/jHrPPXYRAV9qbsU60lv0Q='",
    )
  })

  test('compressed files name the one that was asked for, again and again', async () => {
    for (const prefix of ['/one', '/two', '/one']) {
      const got = await get('/big.js', { 'accept-encoding': 'br', 'x-forwarded-prefix': prefix })
      expect(brotliDecompressSync(got.body).toString()).toBe(`let x = "${prefix}";`.repeat(2_000))
    }
  })

  test('redirects stay under it, as the Kubernetes API server tells it, too', async () => {
    const location = async (headers: Record<string, string>) => (await get('/', headers)).headers.location
    const service = '/api/v1/namespaces/mesh/services/http:web:8084/proxy'
    expect(await location({})).toBe('/namespaces')
    expect(await location({ 'x-forwarded-prefix': '/mesh' })).toBe('/mesh/namespaces')
    expect(await location({ 'x-forwarded-uri': `${service}/` })).toBe(`${service}/namespaces`)
    expect(await location({ 'x-forwarded-uri': '/elsewhere' })).toBe('/namespaces')
    expect(await location({ 'x-forwarded-uri': '/"><script>/' })).toBe('/namespaces')
  })

  test('redirects have no body, which would name the address as it was built', async () => {
    const got = await get('/', { 'x-forwarded-prefix': '/mesh' })
    expect(got).toMatchObject({ status: 307, headers: { 'content-length': '0' } })
    expect(got.body).toHaveLength(0)
  })

  test.each(['mesh', '//evil.example', '/a/../b', '/a"b', '/a<b', '/a\\b', `/${'a'.repeat(256)}`, '/a, /b'])(
    'refuse X-Forwarded-Prefix %s',
    async prefix => {
      const got = await get('/namespaces', { 'x-forwarded-prefix': prefix })
      expect(got.status).toBe(400)
      expect(got.json().error?.code).toBe('PREFIX_INVALID')
    },
  )

  test('the API describes where it is', async () => {
    const got = await get('/api/v1/openapi.json', { 'x-forwarded-prefix': '/mesh' })
    expect(got.json().servers).toEqual([{ url: '/mesh' }])
  })

  test('requests that still have it are answered as those without', async () => {
    stripPrefixes(http.server, '')
    const forwarded = { 'x-forwarded-prefix': '/mesh' }
    expect((await get('/mesh/healthz', forwarded)).status).toBe(200)
    expect((await get('/healthz', forwarded)).status).toBe(200)
    expect((await get('/mesh', forwarded)).headers.location).toBe('/mesh/namespaces')
    expect((await get('/meshes', forwarded)).body.toString()).toBe(pageUnder('/mesh'))
    expect((await get('/mesh/healthz')).body.toString()).toBe(pageUnder(''))
  })
})
