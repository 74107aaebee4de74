import { Buffer } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, test } from 'vitest'
import type { Route, RouteTable } from '#lib/profile/route-table.ts'
import { ask, connectHttp2 } from '#proxy/http2/test-http2.ts'
import { TestAuthority, testIdentity } from './test-identity.ts'
import { AUTHORITY, CATALOG, startPair, WEB } from './test-pair.ts'
import { testEndpoint } from './test-proxy.ts'
import { Cleanup, RawClient, startTcp, until } from './test-sockets.ts'
import { createTlsTerminator } from './tls-terminator.ts'

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

  test('tell the client of a port that is none of the app', async () => {
    const { discovery, endpoint, logs, outbound } = await startPair(cleanup, (_, response) => response.end())
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [{ ...endpoint, port: 9 }], routes: null })
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('POST / HTTP/1.1\r\nHost: catalog\r\nContent-Length: 2\r\n\r\nok')
    await client.receives("l5d-proxy-error: port 9 is none of the app's\r\n")
    expect(client.received).toMatch(/^HTTP\/1\.1 502 /)
    const session = connectHttp2(cleanup, outbound.address)
    expect(await ask(session)).toMatchObject({
      status: 502,
      headers: { 'l5d-proxy-error': "port 9 is none of the app's" },
    })
    expect(logs.inbound[0]).toContain('port 9 is none of')
  })

  test('send a request again, once, that a proxy closed its new connection on unread', async () => {
    let closings = 0
    let leftToClose = 1
    const { authority, discovery, outbound } = await startPair(cleanup, (_, response) => response.end())
    const identity = testIdentity(CATALOG, authority.certify(CATALOG))
    const terminator = createTlsTerminator(identity, 10_000, Date.now)
    const port = await startTcp(cleanup, tcp => {
      tcp.pause()
      terminator.terminate(tcp, Buffer.alloc(0), result => {
        if (result.kind === 'refused') return
        const { socket } = result
        socket.on('error', () => {})
        socket.once('data', () => {
          if (leftToClose-- > 0) {
            closings++
            socket.destroy()
          } else socket.end('HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n')
        })
        socket.resume()
      })
    })
    const endpoint = testEndpoint('127.0.0.1', port, { tls: { serverName: CATALOG, serverId: CATALOG } })
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [endpoint], routes: null })
    const ended = async (request: string) => {
      const client = await RawClient.connect(cleanup, outbound.address)
      client.send(`${request} / HTTP/1.1\r\nHost: catalog\r\n\r\n`)
      await client.receives('\r\n\r\n')
      return client.received.slice(9, 12)
    }
    expect(await ended('GET')).toBe('204')
    expect(closings).toBe(1)
    leftToClose = 2
    expect(await ended('GET')).toBe('502')
    expect(closings).toBe(3)
    leftToClose = 1
    expect(await ended('POST')).toBe('502')
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
