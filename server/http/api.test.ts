import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { endpoints } from '#lib/api/endpoints.ts'
import { TestHttp } from './test-http.ts'

let http: TestHttp
beforeEach(async () => {
  http = await TestHttp.start()
})
afterEach(() => http.close())
const get: TestHttp['get'] = (...asked) => http.get(...asked)

describe('the API', () => {
  test('answers a question of every endpoint in the shape that its schema says', async () => {
    for (const [topic, { path, answer }] of Object.entries(endpoints)) {
      const got = await get(
        `${path}${'resource' in endpoints[topic as 'golden'].query.shape ? '?resource=deploy' : ''}`,
      )
      expect([topic, got.status]).toEqual([topic, 200])
      expect(answer.safeParse(got.json()).error).toBeUndefined()
      expect(got.headers['cache-control']).toBe('no-store')
    }
  })

  test.each([
    ['/api/v1/golden?resource=deploy&window=banana', 400, 'WINDOW_INVALID'],
    ['/api/v1/golden?resource=deploy&window=1s', 400, 'WINDOW_TOO_SHORT'],
    ['/api/v1/golden?resource=deploy&namespace=nowhere', 404, 'UNKNOWN_NAMESPACE'],
    ['/api/v1/golden?resource=deploy/nobody', 404, 'UNKNOWN_RESOURCE'],
    ['/api/v1/golden?resource=deploy&to=deploy/web&from=deploy/web', 400, 'CONFLICTING_PARAMETERS'],
    ['/api/v1/golden', 400, 'BAD_PARAMETER'],
    ['/api/v1/edges?colour=red', 400, 'BAD_PARAMETER'],
    ['/api/v1/edges?namespace=shop&namespace=batch', 400, 'BAD_PARAMETER'],
    ['/api/v1/nothing', 404, 'NOT_FOUND'],
    ['//api/v1/golden?resource=deploy', 404, 'NOT_FOUND'],
    ['/namespaces/%E0%A4%A', 400, 'BAD_PATH'],
  ])('answers %s with %i and a hint', async (path, status, code) => {
    const got = await get(path)
    expect(got.status).toBe(status)
    expect(got.json().error?.code).toBe(code)
    expect(got.json().error?.hint).not.toBe('')
  })

  test('gives a HEAD request the headers alone, and refuses other methods', async () => {
    const whole = await get('/api/v1/workloads')
    const head = await get('/api/v1/workloads', {}, 'HEAD')
    expect(head.body).toHaveLength(0)
    expect(head.headers['content-length']).toBe(whole.headers['content-length'])
    const post = await get('/api/v1/workloads', {}, 'POST')
    expect(post).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })

  test('compresses long answers as the client takes them', async () => {
    const path = '/api/v1/golden?resource=workload'
    const plain = await get(path)
    const brotli = await get(path, { 'accept-encoding': 'gzip, br' })
    const zipped = await get(path, { 'accept-encoding': 'gzip, br;q=0' })
    expect(brotli.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(brotli.body)).toEqual(plain.body)
    expect(zipped.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(zipped.body)).toEqual(plain.body)
  })

  test('describes itself as OpenAPI 3.1, with every parameter', async () => {
    const document = (await get('/api/v1/openapi.json')).json() as {
      openapi?: string
      paths?: Record<string, { get: { parameters: { name: string; required: boolean }[] } }>
    }
    expect(document.openapi).toBe('3.1.0')
    expect(Object.keys(document.paths ?? {})).toEqual([
      ...Object.values(endpoints).map(({ path }) => path),
      '/api/v1/sd',
    ])
    const parameters = document.paths?.['/api/v1/golden']?.get.parameters ?? []
    expect(parameters.filter(({ required }) => required).map(({ name }) => name)).toEqual(['resource'])
    expect(parameters.map(({ name }) => name)).toContain('selector')
    for (const [, ref] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = ref
        ?.split('/')
        .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document)
      expect(target).toBeDefined()
    }
  })
})

describe('health', () => {
  test('tells alive from ready', async () => {
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    http.unready.push('no proxy was scraped yet')
    expect(await get('/readyz')).toMatchObject({ status: 503 })
  })
})
