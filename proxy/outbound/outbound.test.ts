import type { Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { testIdentity } from '#proxy/accept/test-identity.ts'
import {
  silentLog,
  testConfig,
  testDiscovery,
  testEndpoint,
  testTelemetry,
} from '#proxy/accept/test-proxy.ts'
import { Cleanup, RawClient, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import type { Config } from '#proxy/config.ts'
import { startOutbound } from './outbound.ts'

const AUTHORITY = 'app.shop.svc.cluster.local:80'
const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** An outbound listener in front of plain endpoints on 127.0.0.1. */
async function startProxy(ports: readonly number[], overrides: Partial<Config> = {}) {
  const discovery = testDiscovery()
  const telemetry = testTelemetry()
  const endpoints = ports.map(port => testEndpoint('127.0.0.1', port))
  discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null })
  const config = testConfig({ outboundListen: { host: '127.0.0.1', port: 0 }, ...overrides })
  const listener = await startOutbound({
    config,
    identity: testIdentity('web', null),
    discovery,
    telemetry,
    log: silentLog,
  })
  cleanup.add(listener, one => one.close())
  return {
    listener,
    discovery,
    connect: () => RawClient.connect(cleanup, listener.address),
    metrics: () => Buffer.from(telemetry.render()).toString(),
  }
}

/** An upstream that answers each read with what `answer` gives, and keeps what it read. */
async function startRaw(answer: (read: string, socket: Socket) => string | null) {
  const seen = { text: '', connections: 0, sockets: [] as Socket[] }
  const port = await startTcp(cleanup, socket => {
    seen.connections++
    seen.sockets.push(socket)
    socket.on('data', chunk => {
      const text = (chunk as Buffer).toString('latin1')
      seen.text += text
      const reply = answer(text, socket)
      if (reply !== null) socket.write(reply, 'latin1')
    })
  })
  return { port, seen }
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const GET = 'GET / HTTP/1.1\r\nHost: app\r\n\r\n'

describe('requests', () => {
  test('go out without what concerned only the client, with an id of their own', async () => {
    const { port, seen } = await startRaw(() => OK)
    const { connect } = await startProxy([port])
    const client = await connect()
    client.send(
      'GET http://app.shop/x?y HTTP/1.1\r\nHost: other\r\nConnection: keep-alive, x-hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: gzip\r\nl5d-client-id: me\r\nX-Stays: ü\r\n\r\n',
    )
    await client.receives('ok')
    expect(seen.text).toMatch(
      /^GET \/x\?y HTTP\/1\.1\r\nhost: app\.shop\r\nX-Stays: ü\r\nx-request-id: [0-9a-f-]{36}\r\n\r\n$/,
    )
  })

  test('on one connection are answered in order, also when they come at once', async () => {
    const app = await startApp(cleanup, (request, response) => {
      const delayed = request.url === '/1'
      setTimeout(() => response.end(`<${request.url}>`), delayed ? 30 : 0)
    })
    const { connect } = await startProxy([app])
    const client = await connect()
    client.send(['/1', '/2', '/3'].map(path => `GET ${path} HTTP/1.1\r\nHost: app\r\n\r\n`).join(''))
    await client.receives('</3>')
    expect(client.received.match(/<[^>]*>/g)).toEqual(['</1>', '</2>', '</3>'])
  })

  test('share kept-alive connections', async () => {
    const { port, seen } = await startRaw(() => OK)
    const { connect } = await startProxy([port])
    for (let i = 0; i < 5; i++) {
      const client = await connect()
      client.send(GET)
      await client.receives('ok')
    }
    expect(seen.connections).toBe(1)
  })

  test('survive that the peer closes the kept-alive connection they are sent on', async () => {
    let requests = 0
    const { port, seen } = await startRaw((_, socket) => {
      if (++requests === 2) {
        socket.resetAndDestroy()
        return null
      }
      return OK
    })
    const { connect } = await startProxy([port])
    const client = await connect()
    client.send(GET)
    await client.receives('ok')
    client.send(GET)
    await until(() => client.received.split('ok').length === 3, 'the second answer')
    expect(seen.connections).toBe(2)
  })

  test('of other methods are not repeated when the connection breaks after they were sent', async () => {
    let requests = 0
    const { port } = await startRaw((_, socket) => {
      if (++requests === 2) socket.destroy()
      return requests < 2 ? OK : null
    })
    const { connect } = await startProxy([port])
    const client = await connect()
    client.send(GET)
    await client.receives('ok')
    client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\n\r\nhi')
    await client.receives('502 Bad Gateway')
    expect(requests).toBe(2)
  })

  test('with chunked bodies and trailers arrive whole', async () => {
    const app = await startApp(cleanup, (request, response) => {
      let body = ''
      request.setEncoding('latin1')
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => response.end(`[${body}|${request.trailers['x-sum']}]`))
    })
    const { connect } = await startProxy([app])
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: app\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhel')
    await new Promise(resolve => setImmediate(resolve))
    client.send('lo\r\n1\r\n!\r\n0\r\nX-Sum: 6\r\n\r\n')
    await client.receives('[hello!|6]')
  })

  test('wait for 100-continue across the proxy', async () => {
    const app = await startApp(cleanup, (request, response) => {
      request.on('data', () => {})
      request.on('end', () => response.end('done'))
    })
    const { connect } = await startProxy([app])
    const client = await connect()
    client.send('PUT / HTTP/1.1\r\nHost: app\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
    await client.receives('HTTP/1.1 100 Continue\r\n\r\n')
    client.send('abc')
    await client.receives('done')
  })

  test('to an upgrade become a tunnel both ways', async () => {
    const { port } = await startRaw(read =>
      read.startsWith('GET')
        ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhi'
        : `<${read}>`,
    )
    const { connect } = await startProxy([port])
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    await client.receives('hi')
    expect(client.received).toMatch(/^HTTP\/1\.1 101 .*upgrade: echo\r\n/is)
    client.send('GET raw')
    await until(() => client.received.length > 0 && client.received.includes('hi'), 'the tunnel')
    client.send('ping')
    await client.receives('ping>')
  })

  test('get an early answer, after which the connection ends', async () => {
    const { port } = await startRaw(() => 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig')
    const { connect, metrics } = await startProxy([port])
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nabc')
    await client.receives('big')
    await client.ends()
    expect(metrics()).toMatch(/response_total\{.*status_code="413",classification="success".*\} 1/)
  })

  test('of a half-closed client are answered', async () => {
    const app = await startApp(cleanup, (_, response) => setTimeout(() => response.end('late'), 20))
    const { connect } = await startProxy([app])
    const client = await connect()
    client.socket.end(GET)
    await client.receives('late')
    await client.ends()
  })
})

describe('responses', () => {
  test('of HTTP/1.0 clients end with the connection, or with their length when kept alive', async () => {
    const app = await startApp(cleanup, (request, response) => {
      if (request.url === '/chunked') {
        response.write('a')
        response.end('b')
      } else response.end('ok')
    })
    const { connect } = await startProxy([app])
    const chunked = await connect()
    chunked.send('GET /chunked HTTP/1.0\r\nHost: app\r\nConnection: keep-alive\r\n\r\n')
    await chunked.ends()
    expect(chunked.received).toMatch(/connection: close\r\n/)
    expect(chunked.received).not.toMatch(/transfer-encoding/i)
    expect(chunked.received).toMatch(/\r\n\r\nab$/)
    const kept = await connect()
    kept.send('GET / HTTP/1.0\r\nHost: app\r\nConnection: keep-alive\r\n\r\n')
    await kept.receives('ok')
    expect(kept.received).toMatch(/connection: keep-alive\r\n/)
    kept.send('GET / HTTP/1.0\r\nHost: app\r\n\r\n')
    await kept.ends()
  })

  test('to HEAD, 204 and 304 have no body, whatever length they name', async () => {
    const answers = [
      '204 No Content\r\nContent-Length: 0',
      '304 Not Modified\r\nContent-Length: 9',
      '200 OK\r\nContent-Length: 9',
    ]
    const { port } = await startRaw(
      () => `HTTP/1.1 ${answers.shift() ?? '200 OK\r\nContent-Length: 0'}\r\n\r\n`,
    )
    const { connect } = await startProxy([port])
    const client = await connect()
    client.send(GET)
    await client.receives('204 No Content')
    client.send(GET)
    await client.receives('304 Not Modified')
    client.send('HEAD / HTTP/1.1\r\nHost: app\r\n\r\n')
    await client.receives('200 OK\r\nContent-Length: 9\r\n\r\n')
    client.send(GET)
    await client.receives('200 OK\r\nContent-Length: 0\r\n\r\n')
    expect(client.received).not.toMatch(/204 No Content\r\nContent-Length/)
  })

  test('until close come in chunks, and keep the client connected', async () => {
    const { port } = await startRaw((_, socket) => {
      socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')
      return null
    })
    const { connect } = await startProxy([port])
    const client = await connect()
    client.send(GET)
    await client.receives('\r\n0\r\n\r\n')
    expect(client.received).toMatch(/9\r\nall of it\r\n0\r\n\r\n$/)
    client.send(GET)
    await until(() => client.received.split('all of it').length === 3, 'the second answer')
  })

  test.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha'],
  ])('that break off inside %s never look whole', async (_, answer) => {
    const { port } = await startRaw((_read, socket) => {
      socket.end(answer)
      return null
    })
    const { connect, metrics } = await startProxy([port])
    const client = await connect()
    client.send(GET)
    await client.ends()
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(client.received).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(metrics()).toMatch(/response_total\{.*classification="failure".*error="upstream closed"\} 1/)
  })

  test.each([
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n'],
    ['length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'],
    ['another coding', 'Transfer-Encoding: gzip\r\n'],
    ['a folded line', 'A: b\r\n c\r\n'],
    ['a bare line feed', 'A: b\n'],
  ])('with %s become 502', async (_, lines) => {
    const { port } = await startRaw(() => `HTTP/1.1 200 OK\r\n${lines}\r\nx`)
    const { connect } = await startProxy([port])
    const client = await connect()
    client.send(GET)
    await client.receives('502 Bad Gateway')
    await client.ends()
  })

  test('to a slow reader wait at their source', async () => {
    let sent = 0
    const app = await startApp(cleanup, (_, response) => {
      const block = Buffer.alloc(64 * 1024)
      const push = () => {
        while (sent < 256 * 1024 * 1024) {
          sent += block.length
          if (!response.write(block)) {
            response.once('drain', push)
            return
          }
        }
        response.end()
      }
      push()
    })
    const { connect } = await startProxy([app])
    const client = await connect()
    client.socket.pause()
    client.send(GET)
    let before = -1
    while (sent !== before) {
      before = sent
      await new Promise(resolve => setTimeout(resolve, 100))
    }
    // Kernel buffers of three sockets and the few reads held between them.
    expect(sent).toBeGreaterThan(0)
    expect(sent).toBeLessThan(32 * 1024 * 1024)
    client.socket.destroy()
  })
})

describe('clients', () => {
  test('that send to a slow upstream wait with their bytes', async () => {
    const port = await startTcp(cleanup, socket => socket.pause())
    const { connect } = await startProxy([port])
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
    const { port, seen } = await startRaw(() => null)
    const { connect, metrics } = await startProxy([port])
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
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['a head too large', `GET / HTTP/1.1\r\nHost: app\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 431],
    ['too many headers', `GET / HTTP/1.1\r\nHost: app\r\n${'x: y\r\n'.repeat(128)}\r\n`, 431],
  ])('that send %s are refused, counted, and disconnected', async (_, request, status) => {
    const { port } = await startRaw(() => null)
    const { connect, metrics } = await startProxy([port])
    const client = await connect()
    client.send(request)
    await client.receives(`HTTP/1.1 ${status} `)
    await client.ends()
    expect(metrics()).toMatch(/outbound_http_errors_total\{error="bad request"\} 1/)
  })
})

describe('destinations', () => {
  test('that no service has are named in a 502', async () => {
    const { connect } = await startProxy([])
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: nobody.shop\r\n\r\n')
    await client.receives('\r\n\r\n')
    expect(client.received).toMatch(
      /^HTTP\/1\.1 502 .*l5d-proxy-error: No service nobody\.shop\.svc\.cluster\.local:80/s,
    )
  })

  test('outside the mesh are reached only when egress is allowed', async () => {
    const { port } = await startRaw(() => OK)
    const denied = await startProxy([])
    const refused = await denied.connect()
    refused.send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await refused.receives('502 Bad Gateway')
    const allowed = await startProxy([], { egress: 'allow' })
    const client = await allowed.connect()
    client.send(`GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    await client.receives('200 OK')
  })

  test('are waited for while they resolve, and no longer than the failfast timeout', async () => {
    const { port } = await startRaw(() => OK)
    const { connect, discovery } = await startProxy([])
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

  test('by a name that turns out to be no service, are outside', async () => {
    const { port } = await startRaw(() => OK)
    const { connect, discovery } = await startProxy([], { egress: 'allow' })
    const authority = `localhost.shop.svc.cluster.local:${port}`
    discovery.set(authority, { state: 'pending' })
    const client = await connect()
    client.send(`GET / HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`)
    await new Promise(resolve => setImmediate(resolve))
    discovery.set(authority, { state: 'missing', reason: 'not found' })
    await client.receives('ok')
  })

  test('give 504 when the route allows no more time, before an answer or inside it', async () => {
    const { port } = await startRaw(read =>
      read.startsWith('GET /half') ? 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf' : null,
    )
    const { connect, discovery, metrics } = await startProxy([])
    const route = { name: '', labels: {}, isRetryable: false, timeoutMs: 50, isFailure: () => null }
    const routes = { authority: AUTHORITY, match: () => route }
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
    const { port } = await startRaw(() => OK)
    const { connect } = await startProxy([1, port])
    for (let i = 0; i < 10; i++) {
      const client = await connect()
      client.send(GET)
      await client.receives('200 OK')
    }
  })

  test('that refuse connections give 502', async () => {
    const { connect, metrics } = await startProxy([1])
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
    const { connect, listener } = await startProxy([app])
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
