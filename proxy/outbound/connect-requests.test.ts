import { afterEach, describe, expect, test } from 'vitest'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { AUTHORITY, startProxy } from './test-outbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const CONNECTED = 'HTTP/1.1 200 OK\r\n\r\n'
const echo = () => startTcp(cleanup, socket => socket.pipe(socket))

describe('CONNECT', () => {
  test('to an opaque port is answered once connected, and carries bytes sent with it', async () => {
    const { connect, discovery, metrics } = await startProxy(cleanup, [])
    const endpoints = [testEndpoint('127.0.0.1', await echo())]
    discovery.set('cache.shop.svc.cluster.local:6379', {
      state: 'resolved',
      endpoints,
      routes: null,
      isOpaque: true,
    })
    const client = await connect()
    client.send('CONNECT cache:6379 HTTP/1.1\r\nHost: cache:6379\r\n\r\nPING')
    await client.receives(`${CONNECTED}PING`)
    client.send('GET / HTTP/1.1\r\n\r\n')
    await client.receives('PINGGET / HTTP/1.1\r\n\r\n')
    client.socket.end()
    await until(() => client.isClosed, 'the close')
    const sent = `CONNECT cache:6379 HTTP/1.1\r\nHost: cache:6379\r\n\r\nPINGGET / HTTP/1.1\r\n\r\n`.length
    expect(metrics()).toMatch(new RegExp(`^tcp_read_bytes_total\\{.*peer="src".*\\} ${sent}$`, 'm'))
    expect(metrics()).toMatch(/^tcp_open_connections\{.*peer="src".*\} 0$/m)
    expect(metrics()).toMatch(/^tcp_open_connections\{.*peer="dst",authority="cache.*\} 0$/m)
  })

  test('elsewhere carries HTTP as requests, and anything else as it is', async () => {
    const app = await startApp(cleanup, (request, response) => response.end(`<${request.url}>`))
    const { connect, discovery, metrics } = await startProxy(cleanup, [app])
    const client = await connect()
    client.send('CONNECT app:80 HTTP/1.1\r\nHost: app:80\r\n\r\n')
    await client.receives(CONNECTED)
    client.send('GET /1 HTTP/1.1\r\nHost: any.example\r\n\r\nGET /2 HTTP/1.1\r\nHost: any\r\n\r\n')
    await client.receives('</2>')
    expect(metrics()).toMatch(/^request_total\{.*authority="app\.shop\.svc\.cluster\.local:80".*\} 2$/m)
    const endpoints = [testEndpoint('127.0.0.1', await echo())]
    discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null })
    const raw = await connect()
    raw.send('CONNECT app:80 HTTP/1.1\r\nHost: app:80\r\n\r\n')
    await raw.receives(CONNECTED)
    raw.send('\x00\x01')
    await raw.receives(`${CONNECTED}\x00\x01`)
  })

  test.each([
    ['a name that no service has', 'CONNECT nobody:80 HTTP/1.1\r\nHost: a\r\n\r\n', 502],
    ['an address', 'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: a\r\n\r\n', 502],
    ['a name without a port', 'CONNECT app HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a name that is none', 'CONNECT a..b:80 HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a port with a body', 'CONNECT app:80 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi', 400],
    ['an opaque port that refuses', 'CONNECT shut:80 HTTP/1.1\r\nHost: a\r\n\r\n', 502],
  ])('to %s is refused', async (_, request, status) => {
    const { connect, discovery, metrics } = await startProxy(cleanup, [await echo()])
    discovery.set('shut.shop.svc.cluster.local:80', {
      state: 'resolved',
      endpoints: [testEndpoint('127.0.0.1', 1)],
      routes: null,
      isOpaque: true,
    })
    const client = await connect()
    client.send(request)
    await client.receives(`HTTP/1.1 ${status} `)
    expect(metrics()).toMatch(/^outbound_http_errors_total\{error="[a-z /]+"\} 1$/m)
  })

  test('leaves the mesh only where egress is allowed', async () => {
    const port = await echo()
    const { connect, metrics } = await startProxy(cleanup, [], { egress: 'allow' })
    const client = await connect()
    client.send(`CONNECT 127.0.0.1:${port} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.receives(CONNECTED)
    client.send('out')
    await client.receives(`${CONNECTED}out`)
    expect(metrics()).toMatch(
      new RegExp(`^tcp_open_total\\{.*peer="dst",authority="127\\.0\\.0\\.1:${port}"`, 'm'),
    )
    const unknown = await connect()
    unknown.send(`CONNECT localhost:${port} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await unknown.receives(CONNECTED)
  })

  test('of a client that leaves meanwhile ends the wait', async () => {
    const { connect, discovery, listener } = await startProxy(cleanup, [], { failfastTimeoutMs: 60_000 })
    discovery.set('slow.shop.svc.cluster.local:80', { state: 'pending' })
    const client = await connect()
    client.send('CONNECT slow:80 HTTP/1.1\r\nHost: slow\r\n\r\n')
    await new Promise(resolve => setImmediate(resolve))
    client.socket.resetAndDestroy()
    await listener.drain(5000)
  })
})
