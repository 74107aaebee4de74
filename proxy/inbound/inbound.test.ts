import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { TestAuthority, testIdentity } from '#proxy/accept/test-identity.ts'
import { allow, silentLog, testConfig, testPolicies, testTelemetry } from '#proxy/accept/test-proxy.ts'
import { Cleanup, RawClient, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import type { Config } from '#proxy/config.ts'
import { encodeTransportHeader, TRANSPORT_ALPN } from '#proxy/tcp/transport-header.ts'
import { startInbound } from './inbound.ts'

const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local'
const CATALOG = 'catalog.shop.serviceaccount.identity.linkerd.cluster.local'
const GET = 'GET / HTTP/1.1\r\nHost: catalog\r\n\r\n'

const authority = new TestAuthority('mesh')
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

async function startProxy(appPort: number, overrides: Partial<Config> = {}) {
  const policies = testPolicies(allow({ kind: 'unauthenticated' }))
  const telemetry = testTelemetry()
  const identity = testIdentity(CATALOG, authority.certify(CATALOG))
  const listener = await startInbound({
    config: testConfig({ appPorts: [appPort], inboundPorts: [appPort], ...overrides }),
    identity,
    policies,
    telemetry,
    log: silentLog,
  })
  cleanup.add(listener, one => one.close())
  return {
    listener,
    policies,
    identity,
    connect: (from = '127.18.9.7') => RawClient.connect(cleanup, listener.address, from),
    metrics: () => Buffer.from(telemetry.render()).toString(),
  }
}

type Proxy = Awaited<ReturnType<typeof startProxy>>

/** A client in TLS with the given certificate, or none. */
function secure(
  { listener }: Proxy,
  certified: ReturnType<TestAuthority['certify']> | null,
  options: tls.ConnectionOptions = {},
): RawClient {
  const all = {
    ...listener.address,
    localAddress: '127.18.9.7',
    servername: CATALOG,
    checkServerIdentity: () => undefined,
    ...(certified === null ? { ca: authority.certificate.toString() } : { secureContext: certified.client }),
    ...options,
  }
  const socket: Socket = tls.connect(all)
  return new RawClient(cleanup, socket)
}

async function startEcho() {
  const seen = { clientIds: [] as unknown[], requests: 0 }
  const port = await startApp(cleanup, (request, response) => {
    seen.requests++
    seen.clientIds.push(request.headers['l5d-client-id'])
    response.end('ok')
  })
  return { port, seen }
}

describe('plaintext connections', () => {
  test('reach the first app port with no identity, whatever they claim', async () => {
    const { port, seen } = await startEcho()
    const proxy = await startProxy(port)
    const client = await proxy.connect()
    client.send(`GET / HTTP/1.1\r\nHost: catalog\r\nl5d-client-id: ${WEB}\r\nL5D-Client-Id: x\r\n\r\n`)
    await client.receives('ok')
    expect(seen.clientIds).toEqual([undefined])
    expect(proxy.metrics()).toMatch(
      /request_total\{direction="inbound",.*tls="no_identity",no_tls_reason="no_tls_from_remote".*\} 1/,
    )
    expect(proxy.metrics()).toMatch(
      /meshscope_inbound_client_response_total\{client_ip="127\.18\.9\.7".*\} 1/,
    )
  })

  test('are denied with 403 where policy wants identities, without a reason', async () => {
    const { port, seen } = await startEcho()
    const proxy = await startProxy(port)
    proxy.policies.set(allow({ kind: 'tls' }))
    const client = await proxy.connect()
    client.send(GET + GET)
    await until(() => client.received.split('403 Forbidden').length === 3, 'two denials')
    expect(client.received).not.toContain('l5d-proxy-error')
    expect(seen.requests).toBe(0)
    expect(proxy.metrics()).toMatch(/inbound_http_authz_deny_total\{.*\} 2/)
    proxy.policies.set(allow({ kind: 'unauthenticated' }))
    client.send(GET)
    await client.receives('200 OK')
  })

  test('from 127.0.0.1 are always let in, where instances have addresses of their own', async () => {
    const { port } = await startEcho()
    const proxy = await startProxy(port)
    proxy.policies.set({ ...allow({ kind: 'tls' }), authorizations: [] })
    const self = await proxy.connect('127.0.0.1')
    self.send(GET)
    await self.receives('200 OK')
    const neighbour = await proxy.connect('127.0.0.2')
    neighbour.send(GET)
    await neighbour.receives('403')
    const shared = await startProxy(port, { inboundListen: { host: '127.0.0.1', port: 0 } })
    shared.policies.set({ ...allow({ kind: 'tls' }), authorizations: [] })
    const anyone = await shared.connect('127.0.0.1')
    anyone.send(GET)
    await anyone.receives('403')
  })

  test('that are not HTTP are passed on as they are, until policy denies them', async () => {
    const port = await startTcp(cleanup, socket => socket.pipe(socket))
    const proxy = await startProxy(port)
    const client = await proxy.connect()
    client.send('\x01binary')
    await client.receives('\x01binary')
    expect(proxy.metrics()).toMatch(/inbound_tcp_authz_allow_total\{.*\} 1/)
    proxy.policies.set(allow({ kind: 'tls' }))
    await client.ends()
    const denied = await proxy.connect()
    denied.send('\x01binary')
    await denied.ends()
    expect(denied.received).toBe('')
    expect(proxy.metrics()).toMatch(/inbound_tcp_authz_deny_total\{.*\} [12]/)
  })

  test('that are half-closed still hear the answer', async () => {
    const port = await startTcp(cleanup, socket => {
      let text = ''
      socket.on('data', chunk => {
        text += String(chunk)
      })
      socket.on('end', () => socket.end(`<${text}>`))
    })
    const proxy = await startProxy(port)
    const client = await proxy.connect()
    client.socket.end('\x01abc')
    await client.receives('<\x01abc>')
    await client.ends()
  })

  test('that say nothing are dropped after the detection timeout', async () => {
    const { port } = await startEcho()
    const proxy = await startProxy(port, { inboundDetectTimeoutMs: 50 })
    const client = await proxy.connect()
    await client.ends()
    expect(proxy.metrics()).toMatch(/inbound_tcp_errors_total\{error="tls detection timeout".*\} 1/)
  })

  test('get 502 when the app refuses', async () => {
    const proxy = await startProxy(1)
    const client = await proxy.connect()
    client.send(GET)
    await client.receives('502 Bad Gateway')
    expect(proxy.metrics()).toMatch(/response_total\{.*status_code="502",classification="failure".*\} 1/)
  })

  test('beyond the requests that may be in flight get 503', async () => {
    let answer = () => {}
    let requests = 0
    const port = await startApp(cleanup, (_, response) => {
      requests++
      answer = () => response.end('ok')
    })
    const proxy = await startProxy(port, { maxInFlight: 1 })
    const first = await proxy.connect()
    first.send(GET)
    const second = await proxy.connect()
    await until(() => requests === 1, 'the first request')
    second.send(GET)
    await second.receives('503 Service Unavailable')
    answer()
    await first.receives('ok')
    first.send(GET)
    await until(() => requests === 2, 'the next request')
  })
})

describe('TLS connections', () => {
  test('name their client by its certificate', async () => {
    const { port, seen } = await startEcho()
    const proxy = await startProxy(port)
    proxy.policies.set(allow({ kind: 'identity', identities: [WEB], suffixes: [] }))
    const client = secure(proxy, authority.certify(WEB))
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\nl5d-client-id: spoofed\r\n\r\n')
    await client.receives('ok')
    expect(seen.clientIds).toEqual([WEB])
    const other = secure(proxy, authority.certify('other.shop'))
    other.send(GET)
    await other.receives('403 Forbidden')
    expect(other.received).toMatch(/l5d-proxy-error: client is not authorized\r\n/)
  })

  test('without a certificate have no identity, and are let in as policy says', async () => {
    const { port, seen } = await startEcho()
    const proxy = await startProxy(port)
    const client = secure(proxy, null)
    client.send(`GET / HTTP/1.1\r\nHost: catalog\r\nl5d-client-id: ${WEB}\r\n\r\n`)
    await client.receives('ok')
    expect(seen.clientIds).toEqual([undefined])
    expect(proxy.metrics()).toMatch(/request_total\{direction="inbound".*tls="true",client_id="".*\} 1/)
    proxy.policies.set(allow({ kind: 'identity', identities: [], suffixes: ['*'] }))
    client.send(GET)
    await client.receives('403 Forbidden')
    expect(client.received).not.toContain('l5d-proxy-error')
  })

  test('with a certificate of another authority are ended before a byte is served', async () => {
    const { port, seen } = await startEcho()
    const proxy = await startProxy(port)
    const foreign = new TestAuthority('elsewhere')
    const client = secure(proxy, foreign.certify(WEB, authority))
    client.socket.on('secureConnect', () => client.send(GET))
    await client.ends()
    expect(client.received).toBe('')
    expect(seen.requests).toBe(0)
    expect(proxy.metrics()).toMatch(/inbound_tcp_errors_total\{error="unexpected".*\} 1/)
  })

  test('below 1.3, or for another name, are refused', async () => {
    const { port } = await startEcho()
    const proxy = await startProxy(port)
    const old = secure(proxy, null, { maxVersion: 'TLSv1.2' })
    await old.ends()
    const elsewhere = secure(proxy, null, { servername: 'other.shop' })
    await elsewhere.ends()
    expect(old.received + elsewhere.received).toBe('')
  })

  test('show a renewed certificate from then on, and lose no older connection', async () => {
    const { port } = await startEcho()
    const proxy = await startProxy(port)
    const before = secure(proxy, authority.certify(WEB))
    before.send(GET)
    await before.receives('ok')
    proxy.identity.renew(authority.certify(CATALOG))
    const after = secure(proxy, authority.certify(WEB))
    after.send(GET)
    await after.receives('ok')
    before.send(GET)
    await until(() => before.received.split('ok').length === 3, 'the second answer')
  })
})

describe('connections with a transport header', () => {
  const open = async (proxy: Proxy, header: Buffer, certified = authority.certify(WEB)) => {
    const client = secure(proxy, certified, { ALPNProtocols: [TRANSPORT_ALPN] })
    await once(client.socket, 'secureConnect')
    for (const byte of header) client.socket.write(Buffer.of(byte))
    return client
  }

  test('reach the port they name', async () => {
    const { port } = await startEcho()
    const other = await startApp(cleanup, (_, response) => response.end('other'))
    const proxy = await startProxy(port, { appPorts: [port, other] })
    const client = await open(
      proxy,
      encodeTransportHeader({ port: other, name: '', sessionProtocol: 'http1' }),
    )
    client.send(GET)
    await client.receives('other')
    expect(proxy.metrics()).toContain(`target_port="${other}"`)
    expect(proxy.metrics()).toMatch(
      /inbound_tcp_transport_header_connections_total\{session_protocol="http\/1".*\} 1/,
    )
  })

  test('carry opaque bytes when they name no protocol', async () => {
    const port = await startTcp(cleanup, socket => socket.pipe(socket))
    const proxy = await startProxy(port)
    const client = await open(proxy, encodeTransportHeader({ port, name: '', sessionProtocol: 'opaque' }))
    client.send('\0opaque')
    await client.receives('\0opaque')
  })

  test.each([
    [
      'a port that is none of the app',
      encodeTransportHeader({ port: 9, name: '', sessionProtocol: 'http1' }),
    ],
    [
      'a gateway',
      encodeTransportHeader({ port: 1, name: 'x.y.svc.cluster.local', sessionProtocol: 'http1' }),
    ],
    ['no magic', Buffer.from(GET)],
    [
      'an endless length',
      Buffer.concat([Buffer.from('transport.l5d.io/v1\r\n\r\n'), Buffer.from([0xff, 0, 0, 0])]),
    ],
  ])('that name %s are refused', async (_, header) => {
    const { port, seen } = await startEcho()
    const proxy = await startProxy(port)
    const client = await open(proxy, header)
    client.send(GET)
    await client.ends()
    expect(client.received).toBe('')
    expect(seen.requests).toBe(0)
  })

  test('need an identity', async () => {
    const { port } = await startEcho()
    const proxy = await startProxy(port)
    const client = secure(proxy, null, { ALPNProtocols: [TRANSPORT_ALPN] })
    client.socket.write(encodeTransportHeader({ port, name: '', sessionProtocol: 'http1' }))
    client.send(GET)
    await client.ends()
    expect(client.received).toBe('')
  })
})
