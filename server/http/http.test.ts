import { request as httpRequest, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { basePathPlaceholder } from '#lib/api/base-path.ts'
import { endpoints } from '#lib/api/endpoints.ts'
import { createGolden } from '#server/golden/golden.ts'
import { addMarker } from '#server/golden/markers.ts'
import { createTestMesh, runTestTraffic, type TestMesh, testIntervalMs } from '#server/golden/test-mesh.ts'
import { createLog } from '#server/log.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import { createDoors } from './doors.ts'
import { closeHttp, createHttp, listen } from './http.ts'
import { finished } from './pages.ts'
import { stripPrefixes } from './prefix.ts'

interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
  json(): { error?: { code: string; message: string; hint: string }; [name: string]: unknown }
}

const pageUnder = (prefix: string): string =>
  `<!doctype html><script>one()</script><script src="${prefix}/a.js"></script><script>go("${prefix}/a")</script>`
const built = pageUnder(basePathPlaceholder)
const bigFile = `let x = "${basePathPlaceholder}";`.repeat(2_000)
const pages: Parameters<typeof finished>[0] = async (request, response) => {
  const isBig = request.url === `${basePathPlaceholder}/big.js`
  response.setHeader('content-type', isBig ? 'application/javascript' : 'text/html')
  if (request.url === basePathPlaceholder) {
    response.statusCode = 307
    response.setHeader('location', `${basePathPlaceholder}/namespaces`)
    response.removeHeader('content-type')
    response.end(`${basePathPlaceholder}/namespaces`)
    return
  }
  response.setHeader('etag', '"as-built"')
  response.write(isBig ? bigFile : built.slice(0, 20))
  response.end(isBig ? '' : built.slice(20))
}

let mesh: TestMesh
let server: Server
let unready: string[]
beforeEach(async () => {
  mesh = createTestMesh(createMemoryStore({ intervalMs: testIntervalMs }))
  runTestTraffic(mesh)
  unready = []
  server = createHttp({
    golden: createGolden(mesh),
    commands: { addMarker: body => addMarker(mesh, body) },
    doors: createDoors(/^(localhost|127\.0\.0\.1)(:\d+)?$/),
    registry: new Registry(),
    basePath: '',
    log: createLog(() => {}, Date.now),
    version: '1.2.3',
    unready: () => unready,
    pages: finished(pages),
  })
  await listen(server, '127.0.0.1', 0, true)
})
afterEach(async () => {
  await closeHttp(server)
  await mesh.store.close()
})

function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  const { port } = server.address() as AddressInfo
  return new Promise((done, fail) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, path, method, headers, agent: false },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () => {
          const body = Buffer.concat(chunks)
          done({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body,
            json: () => JSON.parse(body.toString()),
          })
        })
      },
    )
    request.on('error', fail)
    request.end()
  })
}

/** Sends these bytes as they are, and gives the status of what comes back. */
function statusOf(bytes: string): Promise<number> {
  const { port } = server.address() as AddressInfo
  return new Promise((done, fail) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    socket.on('data', chunk => {
      answer += chunk.toString()
    })
    socket.on('close', () => done(Number(answer.split(' ')[1])))
    socket.on('error', fail)
  })
}

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
    expect(Object.keys(document.paths ?? {})).toEqual(Object.values(endpoints).map(({ path }) => path))
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
    unready.push('no proxy was scraped yet')
    expect(await get('/readyz')).toMatchObject({ status: 503 })
  })
})

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
    expect(await statusOf(`${head}\r\nConnection: close\r\n\r\n`)).toBe(status)
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
    stripPrefixes(server, '')
    const forwarded = { 'x-forwarded-prefix': '/mesh' }
    expect((await get('/mesh/healthz', forwarded)).status).toBe(200)
    expect((await get('/healthz', forwarded)).status).toBe(200)
    expect((await get('/mesh', forwarded)).headers.location).toBe('/mesh/namespaces')
    expect((await get('/meshes', forwarded)).body.toString()).toBe(pageUnder('/mesh'))
    expect((await get('/mesh/healthz')).body.toString()).toBe(pageUnder(''))
  })
})

describe('listen()', () => {
  test('says which port is taken, when it was asked for, and goes on to the next, when not', async () => {
    const { port } = server.address() as AddressInfo
    const other = createHttpTwin()
    await expect(listen(other, '127.0.0.1', port, true)).rejects.toThrow(
      `Cannot listen on port ${port} of 127.0.0.1: it is taken`,
    )
    const found = await listen(other, '127.0.0.1', port, false)
    expect(found).toBeGreaterThan(port)
    await closeHttp(other)
    await closeHttp(other)
  })
})

function createHttpTwin(): Server {
  return createHttp({
    golden: createGolden(mesh),
    commands: { addMarker: body => addMarker(mesh, body) },
    doors: createDoors(/./),
    registry: new Registry(),
    basePath: '',
    log: createLog(() => {}, Date.now),
    version: '1.2.3',
    unready: () => [],
    pages: null,
  })
}
