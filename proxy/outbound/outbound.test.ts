import { afterEach, describe, expect, test, vi } from 'vitest'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, type RawClient, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { AUTHORITY, GET, OK, startProxy, startRaw, testRoutes } from './test-outbound.ts'

const cleanup = new Cleanup()
afterEach(async () => {
  vi.useRealTimers()
  await cleanup.run()
})

/** What a proxy's only balancer counts, by the ends of its families' names; labels of other values left out. */
function balancer(metrics: string): Record<string, string> {
  const lines = metrics.matchAll(
    /^outbound_http_balancer_(\w+)\{parent_group="core".*backend_name="app".*\} (.*)$/gm,
  )
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
}

describe('clients', () => {
  test('that send to a slow upstream wait with their bytes', async () => {
    const port = await startTcp(cleanup, socket => socket.pause())
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n')
    const chunk = `10000\r\n${'x'.repeat(65_536)}\r\n`
    let sent = 0
    for (; sent < 1024; sent++) {
      if (client.socket.writableLength > 1024 * 1024) break
      client.send(chunk)
      await new Promise(resolve => setImmediate(resolve))
    }
    expect(sent).toBeLessThan(512)
  })

  test('that leave end their request upstream', async () => {
    const { port, seen } = await startRaw(cleanup, () => null)
    const { connect, metrics } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send(GET)
    await until(() => seen.text.length > 0, 'the request')
    let isClosed = false
    seen.sockets[0]?.on('end', () => {
      isClosed = true
    })
    client.socket.resetAndDestroy()
    await until(() => isClosed, 'the end of the connection upstream')
    expect(metrics()).toMatch(/response_total\{.*classification="failure".*error="client closed"\} 1/)
  })

  test.each([
    [
      'both framings',
      'POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc',
      400,
    ],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: app\n\n', 400],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', 400],
    [
      'a chunk size that is none',
      'POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
      400,
    ],
    [
      'chunks from HTTP/1.0',
      'POST / HTTP/1.0\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a head too large', `GET / HTTP/1.1\r\nHost: app\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
    ['too many headers', `GET / HTTP/1.1\r\nHost: app\r\n${'x: y\r\n'.repeat(128)}\r\n`, 431],
  ])('that send %s are refused, counted, and disconnected', async (_, request, status) => {
    const { port } = await startRaw(cleanup, () => null)
    const { connect, metrics } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send(request)
    await client.receives(`HTTP/1.1 ${status} `)
    await client.ends()
    expect(metrics()).toMatch(/outbound_http_errors_total\{error="bad request"\} 1/)
  })
})

describe('clients whose request breaks off', () => {
  test('in a chunk are counted as bad requests, not as closed or failed', async () => {
    const { port, seen } = await startRaw(cleanup, () => null)
    const { connect, metrics } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n')
    await until(() => seen.text.includes('hello'), 'the first chunk')
    client.send('zz\r\n')
    await client.receives('HTTP/1.1 400 ')
    expect(metrics()).toMatch(
      /^response_total\{.*status_code="400",classification="success".*error="bad request"\} 1$/m,
    )
    expect(metrics()).not.toMatch(/^response_total.*499/m)
  })

  test('in the head are told 408, and counted', async () => {
    const { connect, metrics } = await startProxy(cleanup, [], { outboundDetectTimeoutMs: 20 })
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHos')
    await client.receives('HTTP/1.1 408 ')
    expect(metrics()).toMatch(/^outbound_http_errors_total\{error="request timeout"\} 1$/m)
  })
})

describe('destinations', () => {
  test('that no service has are named in a 502', async () => {
    const { connect } = await startProxy(cleanup, [])
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: nobody.shop\r\n\r\n')
    await client.receives('\r\n\r\n')
    expect(client.received).toMatch(
      /^HTTP\/1\.1 502 .*l5d-proxy-error: No service nobody\.shop\.svc\.cluster\.local:80/s,
    )
  })

  test('outside the mesh are reached only when egress is allowed', async () => {
    const { port } = await startRaw(cleanup, () => OK)
    const denied = await startProxy(cleanup, [])
    const refused = await denied.connect()
    refused.send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await refused.receives('502 Bad Gateway')
    const allowed = await startProxy(cleanup, [], { egress: 'allow' })
    const client = await allowed.connect()
    client.send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await client.receives('200 OK')
  })

  test('are waited for while they resolve, and no longer than the failfast timeout', async () => {
    const { port } = await startRaw(cleanup, () => OK)
    const { connect, discovery } = await startProxy(cleanup, [])
    discovery.set('slow.shop.svc.cluster.local:80', { state: 'pending' })
    const first = await connect()
    first.send('GET / HTTP/1.1\r\nHost: slow\r\n\r\n')
    await first.receives('504 Gateway Timeout')
    discovery.set('other.shop.svc.cluster.local:80', { state: 'pending' })
    const second = await connect()
    second.send('GET / HTTP/1.1\r\nHost: other\r\n\r\n')
    await new Promise(resolve => setImmediate(resolve))
    const endpoints = [testEndpoint('127.0.0.1', port)]
    discovery.set('other.shop.svc.cluster.local:80', { state: 'resolved', endpoints, routes: null })
    await second.receives('ok')
    discovery.set('slow.shop.svc.cluster.local:80', { state: 'resolved', endpoints, routes: null })
    const third = await connect()
    third.send('GET / HTTP/1.1\r\nHost: slow\r\n\r\n')
    await third.receives('ok')
  })

  test('that are not known yet let so many wait, and shed the rest; a request that leaves makes room', async () => {
    const { port } = await startRaw(cleanup, () => OK)
    const { connect, discovery, metrics } = await startProxy(cleanup, [], {
      queueCapacity: 2,
      failfastTimeoutMs: 60_000,
    })
    discovery.set(AUTHORITY, { state: 'pending' })
    /** Sends a request on each: one is shed, the others wait. */
    const allButOne = async (clients: readonly RawClient[]) => {
      for (const client of clients) client.send(GET)
      await until(() => clients.some(({ received }) => received.endsWith('\r\n\r\n')), 'a refusal')
      const shed = clients.filter(({ received }) => received !== '')
      expect(shed).toHaveLength(1)
      expect(shed[0]?.received).toMatch(
        /^HTTP\/1\.1 503 .*l5d-proxy-error: too many requests wait for app\.shop\.svc\.cluster\.local:80\r\n/s,
      )
      return clients.filter(client => !shed.includes(client))
    }
    const [leaving, staying] = await allButOne([await connect(), await connect(), await connect()])
    expect(metrics()).toMatch(/^outbound_http_errors_total\{error="loadshed"\} 1$/m)
    leaving?.socket.resetAndDestroy()
    await until(() => /peer="src".*errno="ECONNRESET"/.test(metrics()), 'the end of the first')
    const [coming] = await allButOne([await connect(), await connect()])
    expect(balancer(metrics())).toMatchObject({ queue_length: '2' })
    const endpoints = [testEndpoint('127.0.0.1', port)]
    discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null })
    await coming?.receives('200 OK')
    await staying?.receives('200 OK')
  })

  test('without endpoints fail at once after the failfast timeout, until they have one', async () => {
    const { port } = await startRaw(cleanup, () => OK)
    const { connect, discovery, metrics } = await startProxy(cleanup, [], { failfastTimeoutMs: 30 })
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [], routes: null })
    const client = await connect()
    client.send(GET)
    await client.receives('l5d-proxy-error: app.shop.svc.cluster.local:80 is without endpoints for 30 ms')
    expect(client.received).toMatch(/^HTTP\/1\.1 504 /)
    const next = await connect()
    // Where no time passes, nothing waits for some.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    next.send(GET)
    await next.receives('504 Gateway Timeout')
    vi.useRealTimers()
    expect(metrics()).toMatch(/^outbound_http_errors_total\{error="failfast"\} 2$/m)
    expect(balancer(metrics())).toMatchObject({ queue_gate_shut_total: '1', queue_length: '0' })
    discovery.set(AUTHORITY, {
      state: 'resolved',
      endpoints: [testEndpoint('127.0.0.1', port)],
      routes: null,
    })
    const last = await connect()
    last.send(GET)
    await last.receives('200 OK')
    expect(balancer(metrics())).toMatchObject({
      queue_gate_open_total: '2',
      queue_requests_total: '1',
      p2c_endpoints: '1',
    })
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [], routes: null })
    expect(metrics()).toMatch(/^outbound_http_balancer_p2c_updates_total\{.*op="Remove".*\} 1$/m)
  })

  test('get no more requests than may be in flight', async () => {
    const { port, seen } = await startRaw(cleanup, () => null)
    const { connect, metrics } = await startProxy(cleanup, [port], { maxInFlight: 1 })
    const first = await connect()
    first.send(GET)
    await until(() => seen.text.length > 0, 'the request')
    const second = await connect()
    second.send(GET)
    await second.receives('l5d-proxy-error: too many requests in flight')
    expect(second.received).toMatch(/^HTTP\/1\.1 503 /)
    expect(metrics()).toMatch(/^outbound_http_errors_total\{error="loadshed"\} 1$/m)
    seen.sockets[0]?.write(OK)
    await first.receives('200 OK')
    first.send(GET)
    await until(() => seen.text.split('GET').length === 3, 'a request after it')
    expect(seen.connections).toBe(1)
  })

  test('by a name that turns out to be no service, are outside', async () => {
    const { port } = await startRaw(cleanup, () => OK)
    const { connect, discovery } = await startProxy(cleanup, [], { egress: 'allow' })
    const authority = `localhost.shop.svc.cluster.local:${port}`
    discovery.set(authority, { state: 'pending' })
    const client = await connect()
    client.send(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
    await new Promise(resolve => setImmediate(resolve))
    discovery.set(authority, { state: 'missing', reason: 'not found' })
    await client.receives('ok')
  })

  test('give 504 when the route allows no more time, before an answer or inside it', async () => {
    const { port } = await startRaw(cleanup, read =>
      read.startsWith('GET /half') ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf' : null,
    )
    const { connect, discovery, metrics } = await startProxy(cleanup, [])
    const routes = testRoutes({ timeoutMs: 50 })
    const endpoints = [testEndpoint('127.0.0.1', port)]
    discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes })
    const client = await connect()
    client.send(GET)
    await client.receives('504 Gateway Timeout')
    client.send('GET /half HTTP/1.1\r\nHost: app\r\n\r\n')
    await client.receives('half')
    await client.ends()
    expect(metrics()).toMatch(/response_total\{.*status_code="504".*error="timeout"\} 1/)
    expect(metrics()).toMatch(
      /response_total\{.*status_code="200",classification="failure".*error="timeout"\} 1/,
    )
  })

  test('with an endpoint that refuses connections are served by another', async () => {
    const { port } = await startRaw(cleanup, () => OK)
    const { connect } = await startProxy(cleanup, [1, port])
    for (let i = 0; i < 10; i++) {
      const client = await connect()
      client.send(GET)
      await client.receives('200 OK')
    }
  })

  test('that refuse connections give 502', async () => {
    const { connect, metrics } = await startProxy(cleanup, [1])
    const client = await connect()
    client.send(GET)
    await client.receives('502 Bad Gateway')
    expect(client.received).toMatch(/l5d-proxy-error: Cannot connect to 127\.0\.0\.1:1: ECONNREFUSED/)
    expect(metrics()).toMatch(/outbound_http_errors_total\{error="i\/o"\} 1/)
  })
})

describe('drain()', () => {
  test('answers what is under way, closes the rest, and accepts no more', async () => {
    let answer = () => {}
    const app = await startApp(cleanup, (_, response) => {
      answer = () => response.end('late')
      requests++
    })
    let requests = 0
    const { connect, listener } = await startProxy(cleanup, [app])
    const idle = await connect()
    const busy = await connect()
    busy.send(GET)
    await until(() => requests === 1, 'the request')
    const drained = listener.drain(5000)
    await idle.ends()
    answer()
    await busy.receives('late')
    expect(busy.received).toMatch(/connection: close\r\n/)
    idle.socket.destroy()
    busy.socket.destroy()
    await drained
    await expect(connect()).rejects.toThrow('ECONNREFUSED')
  })
})
