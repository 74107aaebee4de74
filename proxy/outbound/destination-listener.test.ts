import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, RawClient, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import type { Config } from '#proxy/config.ts'
import { destinationListener } from './test-destination.ts'
import { AUTHORITY, startProxy } from './test-outbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** A proxy with a port for the service `app`, whose endpoints are on the given ports. */
async function startFor(ports: readonly number[], isOpaque: boolean, overrides: Partial<Config> = {}) {
  const proxy = await startProxy(cleanup, ports, {
    destinationListeners: [destinationListener('app')],
    ...overrides,
  })
  const endpoints = ports.map(port => testEndpoint('127.0.0.1', port))
  proxy.discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null, isOpaque })
  const [address] = proxy.listener.destinations
  if (address === undefined) throw new Error('The proxy listens for no destination')
  return { ...proxy, connect: () => RawClient.connect(cleanup, address) }
}

const echo = (greeting: string) =>
  startTcp(cleanup, socket => {
    socket.write(greeting)
    socket.pipe(socket)
  })

describe('a port for one destination', () => {
  test('takes HTTP as requests for it, whatever host they name', async () => {
    const app = await startApp(cleanup, (request, response) => response.end(`<${request.headers.host}>`))
    const { connect, metrics } = await startFor([app], false)
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n')
    await client.receives('<elsewhere.example>')
    const old = await connect()
    old.send('GET / HTTP/1.0\r\n\r\n')
    await old.receives('<app.shop:80>')
    await old.ends()
    expect(metrics()).toMatch(
      new RegExp(`^request_total\\{direction="outbound",authority="${AUTHORITY}".*\\} 2$`, 'm'),
    )
  })

  test('passes what is no HTTP on as it is, and counts it on both sides', async () => {
    const { connect, metrics } = await startFor([await echo('')], false)
    const client = await connect()
    client.send('\x01hello')
    await client.receives('\x01hello')
    client.socket.end()
    await until(() => client.isClosed, 'the close')
    const text = metrics()
    expect(text).not.toMatch(/^request_total/m)
    for (const peer of ['src', 'dst']) {
      const of = (name: string) =>
        Number(new RegExp(`^${name}\\{direction="outbound",peer="${peer}".*\\} (\\d+)$`, 'm').exec(text)?.[1])
      expect([of('tcp_open_total'), of('tcp_open_connections'), of('tcp_close_total')]).toEqual([1, 0, 1])
      expect([of('tcp_read_bytes_total'), of('tcp_write_bytes_total')]).toEqual([6, 6])
    }
  })

  test('lets the server speak first where the profile says opaque, or the client is silent', async () => {
    const opaque = await startFor([await echo('220 ready\r\n')], true)
    const client = await opaque.connect()
    await client.receives('220 ready')
    client.send('GET / HTTP/1.1\r\nHost: app\r\n\r\n')
    await client.receives('GET / HTTP/1.1')
    expect(opaque.metrics()).not.toMatch(/^request_total/m)
    const detected = await startFor([await echo('220 ready\r\n')], false, { outboundDetectTimeoutMs: 50 })
    await (await detected.connect()).receives('220 ready')
  })

  test('passes on the end of each side by itself', async () => {
    const port = await startTcp(cleanup, socket => {
      let asked = ''
      socket.on('data', chunk => {
        asked += String(chunk)
      })
      socket.on('end', () => socket.end(`answer to ${asked}`))
    })
    const { connect } = await startFor([port], true)
    const client = await connect()
    client.socket.end('question')
    await client.receives('answer to question')
    await client.ends()
  })

  test('tries another endpoint for one that cannot be reached, and counts when there is none', async () => {
    const { connect, discovery, metrics } = await startFor([1, await echo('hi')], true)
    for (let i = 0; i < 5; i++) await (await connect()).receives('hi')
    expect(metrics()).not.toMatch(/^outbound_tcp_errors_total\{/m)
    const endpoints = [testEndpoint('127.0.0.1', 1)]
    discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null, isOpaque: true })
    const refused = await connect()
    await until(() => refused.isClosed, 'the close')
    expect(metrics()).toMatch(
      /^outbound_tcp_errors_total\{target_addr="127\.0\.0\.1:\d+".*error="i\/o"\} 1$/m,
    )
  })

  test('counts connections by what is known of their bytes, and by what these were', async () => {
    const { connect, discovery, metrics } = await startFor([await echo('hi')], true)
    await (await connect()).receives('hi')
    const endpoints = [testEndpoint('127.0.0.1', await echo('hi'))]
    discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null })
    const client = await connect()
    client.send('\x01')
    await client.receives('hi')
    client.socket.destroy()
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [testEndpoint('127.0.0.1', 1)], routes: null })
    const http = await connect()
    http.send('GET / HTTP/1.1\r\nHost: app\r\n\r\n')
    await http.receives('502 ')
    const refused = await connect()
    refused.send('\x01')
    await until(() => refused.isClosed, 'the close')
    const parent =
      'parent_group="core",parent_kind="Service",parent_namespace="shop",parent_name="app",parent_port="80",parent_section_name=""'
    const counted = (line: string) => expect(metrics()).toContain(`\n${line}\n`)
    counted(`outbound_tcp_protocol_connections_total{protocol="opaq",${parent}} 1`)
    counted(`outbound_tcp_protocol_connections_total{protocol="detect",${parent}} 3`)
    counted(`outbound_tcp_detect_http_results_total{result="not_http",${parent}} 2`)
    counted(`outbound_tcp_detect_http_results_total{result="http/1",${parent}} 1`)
    counted(`outbound_tcp_detect_http_duration_seconds_count{${parent}} 3`)
    const route = `${parent},route_group="",route_kind="default",route_namespace="",route_name="opaq",target_addr="127\\.0\\.0\\.1:\\d+".*`
    expect(metrics()).toMatch(new RegExp(`^outbound_tcp_route_open_total\\{${route}\\} 3$`, 'm'))
    await until(() => metrics().includes('error=""'), 'the end of the second to be counted')
    expect(metrics()).toMatch(new RegExp(`^outbound_tcp_route_close_total\\{${route}error=""\\} 1$`, 'm'))
    expect(metrics()).toMatch(
      new RegExp(`^outbound_tcp_route_close_total\\{${route}error="unexpected"\\} 1$`, 'm'),
    )
  })

  test('is closed to what is no HTTP, and answers HTTP, when no service has the name', async () => {
    const { connect, discovery, metrics } = await startFor([], false)
    discovery.set(AUTHORITY, { state: 'missing', reason: 'not found' })
    const raw = await connect()
    raw.send('\x01')
    await until(() => raw.isClosed, 'the close')
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: app\r\n\r\n')
    await client.receives('502 Bad Gateway')
    expect(metrics()).toMatch(/^outbound_tcp_errors_total\{.*error="unexpected"\} 1$/m)
  })

  test('waits for its destination no longer than the failfast timeout', async () => {
    const { connect, discovery, metrics } = await startFor([], true, { failfastTimeoutMs: 50 })
    const late = await connect()
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [], routes: null, isOpaque: true })
    await until(() => late.isClosed, 'the close')
    expect(metrics()).toMatch(/^outbound_tcp_errors_total\{.*error="failfast"\} 1$/m)
  })

  test('spreads connections that stay open over the endpoints', async () => {
    const open = [0, 0]
    const ports = await Promise.all(
      open.map((_, index) =>
        startTcp(cleanup, socket => {
          open[index] = (open[index] ?? 0) + 1
          socket.write('hi')
        }),
      ),
    )
    const { connect } = await startFor(ports, true)
    for (let i = 0; i < 40; i++) await (await connect()).receives('hi')
    expect(Math.min(...open)).toBeGreaterThanOrEqual(5)
  })

  test('stops reading a client whose server does not read', async () => {
    const port = await startTcp(cleanup, socket => socket.pause())
    const { connect } = await startFor([port], true)
    const client = await connect()
    let sent = 0
    for (; sent < 1024 && client.socket.writableLength < 1024 * 1024; sent++) {
      client.socket.write(Buffer.alloc(65_536))
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(sent).toBeLessThan(512)
  })

  test('resets one side when the other is reset', async () => {
    const sockets: Socket[] = []
    const port = await startTcp(cleanup, socket => {
      sockets.push(socket)
      socket.write('hi')
    })
    const { connect } = await startFor([port], true)
    const client = await connect()
    await client.receives('hi')
    sockets[0]?.resetAndDestroy()
    await until(() => client.isClosed, 'the close')
    expect(client.errno).toBe('ECONNRESET')
  })

  test('outlives its connections when the proxy drains: they end on their own', async () => {
    const { connect, listener } = await startFor([await echo('hi')], true)
    const client = await connect()
    await client.receives('hi')
    const drained = listener.drain(5000)
    client.send('still here')
    await client.receives('still here')
    client.socket.end()
    await drained
  })
})
