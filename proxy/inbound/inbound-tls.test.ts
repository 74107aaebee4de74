import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { TestAuthority } from '#proxy/accept/test-identity.ts'
import { allow } from '#proxy/accept/test-proxy.ts'
import { Cleanup, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { encodeTransportHeader, TRANSPORT_ALPN } from '#proxy/tcp/transport-header.ts'
import {
  authority,
  CATALOG,
  GET,
  type InboundProxy,
  secure,
  startEcho,
  startProxy,
  WEB,
} from './test-inbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('TLS connections', () => {
  test('name their client by its certificate', async () => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    proxy.policies.set(allow({ kind: 'identity', identities: [WEB], suffixes: [] }))
    const client = secure(cleanup, proxy, authority.certify(WEB))
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\nl5d-client-id: spoofed\r\n\r\n')
    await client.receives('ok')
    expect(seen.clientIds).toEqual([WEB])
    const other = secure(cleanup, proxy, authority.certify('other.shop'))
    other.send(GET)
    await other.receives('403 Forbidden')
    expect(other.received).toMatch(/l5d-proxy-error: client is not authorized\r\n/)
  })

  test('without a certificate have no identity, and are let in as policy says', async () => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const client = secure(cleanup, proxy, null)
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
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const foreign = new TestAuthority('elsewhere')
    const client = secure(cleanup, proxy, foreign.certify(WEB, authority))
    client.socket.on('secureConnect', () => client.send(GET))
    await client.ends()
    expect(client.received).toBe('')
    expect(seen.requests).toBe(0)
    expect(proxy.metrics()).toMatch(/inbound_tcp_errors_total\{error="unexpected".*\} 1/)
  })

  test('are of either authority, while the roots change from one to the next', async () => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const next = new TestAuthority('next')
    proxy.identity.renew(authority.certify(CATALOG, authority, next))
    for (const certified of [authority.certify(WEB), next.certify(WEB, authority, next)]) {
      const client = secure(cleanup, proxy, certified)
      client.send(GET)
      await client.receives('ok')
    }
    expect(seen.clientIds).toEqual([WEB, WEB])
  })

  test('below 1.3 are refused', async () => {
    const { port } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const old = secure(cleanup, proxy, null, { maxVersion: 'TLSv1.2' })
    await old.ends()
    expect(old.received).toBe('')
  })

  test('show a renewed certificate from then on, and lose no older connection', async () => {
    const { port } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const before = secure(cleanup, proxy, authority.certify(WEB))
    before.send(GET)
    await before.receives('ok')
    proxy.identity.renew(authority.certify(CATALOG))
    const after = secure(cleanup, proxy, authority.certify(WEB))
    after.send(GET)
    await after.receives('ok')
    const shown = [before, after].map(({ socket }) =>
      socket instanceof tls.TLSSocket ? socket.getPeerX509Certificate()?.fingerprint256 : '',
    )
    expect(shown[1]).not.toBe(shown[0])
    before.send(GET)
    await until(() => before.received.split('ok').length === 3, 'the second answer')
  })
})

describe('TLS for another server', () => {
  /** An app that ends TLS by itself, and says the name it was called by. */
  const startSecureApp = async () => {
    const own = authority.certify('db.shop').server
    const server = tls.createServer({ SNICallback: (_, done) => done(null, own) }, socket => {
      socket.on('error', () => {})
      socket.write(`this is ${socket.servername}`)
    })
    return startTcp(cleanup, socket => server.emit('connection', socket))
  }

  test('is passed on to the app, which ends it, and counted under its name', async () => {
    const proxy = await startProxy(cleanup, await startSecureApp())
    const client = secure(cleanup, proxy, null, { servername: 'db.shop' })
    await client.receives('this is db.shop')
    expect(proxy.metrics()).toMatch(
      /^tcp_open_total\{direction="inbound",peer="src",.*tls="opaque",sni="db\.shop",.*\} 1$/m,
    )
    expect(proxy.metrics()).toMatch(/^inbound_tcp_authz_allow_total\{.*tls="opaque",sni="db\.shop"\} 1$/m)
    expect(proxy.metrics()).toMatch(/^meshscope_inbound_client_tcp_open_total\{.*tls="opaque".*\} 1$/m)
  })

  test('is let in as one without an identity is, and closed when policy forbids it', async () => {
    const proxy = await startProxy(cleanup, await startSecureApp())
    const before = secure(cleanup, proxy, authority.certify(WEB), { servername: 'db.shop' })
    await before.receives('this is db.shop')
    proxy.policies.set(allow({ kind: 'tls' }))
    await before.ends()
    const after = secure(cleanup, proxy, authority.certify(WEB), { servername: 'db.shop' })
    await after.ends()
    expect(after.received).toBe('')
    expect(proxy.metrics()).toMatch(/^inbound_tcp_authz_deny_total\{.*tls="opaque",sni="db\.shop"\} 1$/m)
    expect(proxy.metrics()).toMatch(/^inbound_tcp_authz_terminate_total\{.*tls="opaque".*\} 1$/m)
  })

  test('is refused at a port that policy says speaks HTTP', async () => {
    const proxy = await startProxy(cleanup, await startSecureApp())
    proxy.policies.set({ ...allow({ kind: 'unauthenticated' }), protocol: 'http1' })
    const client = secure(cleanup, proxy, null, { servername: 'db.shop' })
    await client.ends()
    expect(client.received).toBe('')
    expect(proxy.metrics()).toMatch(/^inbound_tcp_errors_total\{error="unexpected".*\} 1$/m)
  })

  test('without a name is opaque like any bytes that are no HTTP', async () => {
    const app = await startTcp(cleanup, socket => {
      socket.write('raw')
      // What a client that has left half-closed, the app closes.
      socket.resume().on('end', () => socket.end())
    })
    const proxy = await startProxy(cleanup, app)
    const client = secure(cleanup, proxy, null, { servername: '' })
    await until(() => proxy.metrics().includes('inbound_tcp_authz_allow_total'), 'the connection')
    expect(proxy.metrics()).toMatch(/tcp_open_total\{.*no_tls_reason="no_tls_from_remote".*\} 1/)
    client.socket.destroy()
  })
})

describe('connections with a transport header', () => {
  const open = async (proxy: InboundProxy, header: Buffer, certified = authority.certify(WEB)) => {
    const client = secure(cleanup, proxy, certified, { ALPNProtocols: [TRANSPORT_ALPN] })
    await once(client.socket, 'secureConnect')
    for (const byte of header) client.socket.write(Buffer.of(byte))
    return client
  }

  test('reach the port they name', async () => {
    const { port } = await startEcho(cleanup)
    const other = await startApp(cleanup, (_, response) => response.end('other'))
    const proxy = await startProxy(cleanup, port, { appPorts: [port, other] })
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
    const proxy = await startProxy(cleanup, port)
    const client = await open(proxy, encodeTransportHeader({ port, name: '', sessionProtocol: 'opaque' }))
    client.send('\0opaque')
    await client.receives('\0opaque')
  })

  test.each([
    [
      'a port that is none of the app, and no protocol',
      () => encodeTransportHeader({ port: 9, name: '', sessionProtocol: 'opaque' }),
    ],
    [
      'a gateway',
      (port: number) =>
        encodeTransportHeader({ port, name: 'x.y.svc.cluster.local', sessionProtocol: 'http1' }),
    ],
    ['no magic', () => Buffer.from(GET)],
    [
      'an endless length',
      () => Buffer.concat([Buffer.from('transport.l5d.io/v1\r\n\r\n'), Buffer.from([0xff, 0, 0, 0])]),
    ],
  ])('that name %s are refused', async (_, headerFor) => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const client = await open(proxy, headerFor(port))
    client.send(GET)
    await client.ends()
    expect(client.received).toBe('')
    expect(seen.requests).toBe(0)
  })

  test('need an identity', async () => {
    const { port } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const client = secure(cleanup, proxy, null, { ALPNProtocols: [TRANSPORT_ALPN] })
    client.socket.write(encodeTransportHeader({ port, name: '', sessionProtocol: 'http1' }))
    client.send(GET)
    await client.ends()
    expect(client.received).toBe('')
  })
})
