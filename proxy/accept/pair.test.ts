import { createHash, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { Route, RouteTable } from '#lib/profile/route-table.ts'
import { TestAuthority } from './test-identity.ts'
import { AUTHORITY, CATALOG, startPair, WEB } from './test-pair.ts'
import { Cleanup, RawClient, until } from './test-sockets.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('startOutbound() and startInbound()', () => {
  test('carry a request over mTLS, and count it on both sides', async () => {
    const seen: Record<string, unknown> = {}
    const { outbound, metrics } = await startPair(cleanup, (request, response) => {
      Object.assign(seen, request.headers)
      response.end('hello')
    })
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('GET /x?y=1 HTTP/1.1\r\nHost: catalog\r\nl5d-client-id: spoofed\r\n\r\n')
    await client.receives('hello')
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(seen['l5d-client-id']).toBe(WEB)
    expect(seen.host).toBe('catalog')
    expect(seen['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(metrics.inbound()).toMatch(
      new RegExp(`request_total\\{direction="inbound".*client_id="${WEB}".*\\} 1`),
    )
    expect(metrics.outbound()).toMatch(
      new RegExp(`request_total\\{direction="outbound".*server_id="${CATALOG}".*\\} 1`),
    )
  })

  test('refuse a server whose certificate names another identity', async () => {
    let requests = 0
    const { outbound, discovery, endpoint, metrics } = await startPair(cleanup, (_, response) => {
      requests++
      response.end()
    })
    const tls = { serverName: CATALOG, serverId: 'users.shop.serviceaccount.identity.linkerd.cluster.local' }
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [{ ...endpoint, tls }], routes: null })
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await client.receives('\r\n\r\n')
    expect(client.received).toMatch(
      /^HTTP\/1\.1 502 .*l5d-proxy-error: .*expected a certificate of users\.shop/s,
    )
    expect(requests).toBe(0)
    expect(metrics.outbound()).toMatch(/outbound_http_errors_total\{error="identity required"\} 1/)
  })

  test('refuse a server of another authority', async () => {
    const { outbound, identity } = await startPair(cleanup, (_, response) => response.end())
    identity.renew(new TestAuthority('elsewhere').certify(CATALOG))
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await client.receives('502 Bad Gateway')
  })

  test('refuse an endpoint that is not the one the client demands', async () => {
    const { outbound } = await startPair(cleanup, (_, response) => response.end('ok'))
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send(`GET / HTTP/1.1\r\nHost: catalog\r\nl5d-require-id: ${CATALOG}\r\n\r\n`)
    await client.receives('ok')
    client.send(`GET / HTTP/1.1\r\nHost: catalog\r\nl5d-require-id: ${WEB}\r\n\r\n`)
    await client.receives('502 Bad Gateway')
  })

  test('count routes by what the profile says', async () => {
    const { outbound, discovery, endpoint, metrics } = await startPair(cleanup, (request, response) => {
      response.statusCode = request.url?.startsWith('/books/') ? 404 : 500
      response.end(String(request.headers['l5d-dst-canonical']))
    })
    const common = { isRetryable: false, timeoutMs: null }
    const book: Route = {
      ...common,
      name: 'book',
      labels: { route: 'book' },
      isFailure: status => status === 404,
    }
    const other: Route = { ...common, name: '', labels: {}, isFailure: () => null }
    const routes: RouteTable = {
      authority: AUTHORITY,
      match: (_, path) => (path.startsWith('/books/') ? book : other),
    }
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [endpoint], routes })
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('GET /books/1?x HTTP/1.1\r\nHost: catalog\r\n\r\nGET / HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await client.receives('500 Internal')
    await client.receives(AUTHORITY)
    const failure = 'status_code="404",classification="failure"'
    await until(() => metrics.outbound().includes('status_code="500"'), 'the second count')
    expect(metrics.outbound()).toMatch(
      new RegExp(`route_response_total\\{.*rt_route="book",${failure}.*\\} 1`),
    )
    expect(metrics.outbound()).toMatch(
      new RegExp(`route_actual_response_total\\{.*rt_route="book",${failure}.*\\} 1`),
    )
  })

  test('tell a client that leaves to the app', async () => {
    let isClosed = false
    let isAsked = false
    const { outbound } = await startPair(cleanup, (request, response) => {
      isAsked = true
      request.socket.on('close', () => {
        isClosed = true
      })
      response.write('partly')
    })
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await until(() => isAsked, 'the request')
    await client.receives('partly')
    client.socket.resetAndDestroy()
    await until(() => isClosed, 'the end of the connection to the app')
  })

  test('pass bodies of any size unharmed', async () => {
    const { outbound } = await startPair(cleanup, (request, response) => {
      const hash = createHash('sha256')
      request.on('data', chunk => hash.update(chunk))
      request.on('end', () => response.end(hash.digest('hex')))
    })
    const body = randomBytes(5_000_000)
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send(`POST / HTTP/1.1\r\nHost: catalog\r\nContent-Length: ${body.length}\r\n\r\n`)
    client.socket.write(body)
    await client.receives(createHash('sha256').update(body).digest('hex'))
  })
})
