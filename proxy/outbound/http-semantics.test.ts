import { Buffer } from 'node:buffer'
import { afterEach, describe, expect, test } from 'vitest'
import { Cleanup, comesToRest, startApp, until } from '#proxy/accept/test-sockets.ts'
import { GET, OK, startProxy, startRaw } from './test-outbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('requests', () => {
  test('go out without what concerned only the client, with an id of their own', async () => {
    const { port, seen } = await startRaw(cleanup, () => OK)
    const { connect } = await startProxy(cleanup, [port])
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
    const { connect } = await startProxy(cleanup, [app])
    const client = await connect()
    client.send(['/1', '/2', '/3'].map(path => `GET ${path} HTTP/1.1\r\nHost: app\r\n\r\n`).join(''))
    await client.receives('</3>')
    expect(client.received.match(/<[^>]*>/g)).toEqual(['</1>', '</2>', '</3>'])
  })

  test('share kept-alive connections', async () => {
    const { port, seen } = await startRaw(cleanup, () => OK)
    const { connect } = await startProxy(cleanup, [port])
    for (let i = 0; i < 5; i++) {
      const client = await connect()
      client.send(GET)
      await client.receives('ok')
    }
    expect(seen.connections).toBe(1)
  })

  test('survive that the peer closes the kept-alive connection they are sent on', async () => {
    let requests = 0
    const { port, seen } = await startRaw(cleanup, (_, socket) => {
      if (++requests === 2) {
        socket.resetAndDestroy()
        return null
      }
      return OK
    })
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send(GET)
    await client.receives('ok')
    client.send(GET)
    await until(() => client.received.split('ok').length === 3, 'the second answer')
    expect(seen.connections).toBe(2)
  })

  test.each([
    ['with a body', 'Content-Length: 2\r\n\r\nhi'],
    ['without one', 'Content-Length: 0\r\n\r\n'],
  ])(
    'of other methods, %s, are not repeated when the connection breaks after they were sent',
    async (_, rest) => {
      let requests = 0
      const { port } = await startRaw(cleanup, (_, socket) => {
        if (++requests === 2) socket.destroy()
        return requests < 2 ? OK : null
      })
      const { connect } = await startProxy(cleanup, [port])
      const client = await connect()
      client.send(GET)
      await client.receives('ok')
      client.send(`POST / HTTP/1.1\r\nHost: app\r\n${rest}`)
      await client.receives('502 Bad Gateway')
      expect(requests).toBe(2)
    },
  )

  test('with chunked bodies and trailers arrive whole', async () => {
    const app = await startApp(cleanup, (request, response) => {
      let body = ''
      request.setEncoding('latin1')
      request.on('data', chunk => {
        body += chunk
      })
      request.on('end', () => response.end(`[${body}|${request.trailers['x-sum']}]`))
    })
    const { connect } = await startProxy(cleanup, [app])
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
    const { connect } = await startProxy(cleanup, [app])
    const client = await connect()
    client.send('PUT / HTTP/1.1\r\nHost: app\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n')
    await client.receives('HTTP/1.1 100 Continue\r\n\r\n')
    client.send('abc')
    await client.receives('done')
  })

  test('to an upgrade become a tunnel both ways', async () => {
    const { port } = await startRaw(cleanup, read =>
      read.includes('HTTP/1.1')
        ? 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nhi'
        : `<${read}>`,
    )
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
    await client.receives('hi')
    expect(client.received).toMatch(/^HTTP\/1\.1 101 .*upgrade: echo\r\n/is)
    client.send('GET raw')
    await client.receives('GET raw>')
    client.send('ping')
    await client.receives('ping>')
  })

  test.each([
    ['no upgrade', ''],
    ['an upgrade to nothing', 'Connection: Upgrade\r\n'],
    ['an upgrade to HTTP/2', 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: a, h2c\r\n'],
  ])('that ask for %s get 502 for a 101, and no tunnel', async (_, headers) => {
    const { port, seen } = await startRaw(
      cleanup,
      () => 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\nhi',
    )
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send(`GET / HTTP/1.1\r\nHost: app\r\n${headers}\r\nraw`)
    await client.receives('502 Bad Gateway')
    await client.ends()
    expect(client.received).not.toContain('101')
    expect(seen.text).not.toMatch(/upgrade|raw$/i)
  })

  test('are no tunnel when an upgrade is answered 200', async () => {
    const { port, seen } = await startRaw(
      cleanup,
      () => 'HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: a\r\n\r\nhi',
    )
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send('GET / HTTP/1.1\r\nHost: app\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\nraw')
    await client.receives('hi')
    seen.sockets[0]?.end()
    await client.receives('0\r\n\r\n')
    expect(seen.text).not.toContain('raw')
  })

  test('get an early answer, after which the connection ends', async () => {
    const { port } = await startRaw(cleanup, () => 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig')
    const { connect, metrics } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1000\r\n\r\nabc')
    await client.receives('big')
    await client.ends()
    expect(metrics()).toMatch(/response_total\{.*status_code="413",classification="success".*\} 1/)
  })

  test('of a half-closed client are answered, each that came before its end', async () => {
    let answered = 0
    const app = await startApp(cleanup, (_, response) =>
      setImmediate(() => response.end(`late ${++answered}`)),
    )
    const { connect } = await startProxy(cleanup, [app])
    const client = await connect()
    client.socket.end(GET + GET + GET)
    await client.receives('late 3')
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
    const { connect } = await startProxy(cleanup, [app])
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
      '204 No Content',
      '204 No Content\r\nContent-Length: 0',
      '304 Not Modified\r\nContent-Length: 9',
      '200 OK\r\nContent-Length: 9',
    ]
    const { port } = await startRaw(
      cleanup,
      () => `HTTP/1.1 ${answers.shift() ?? '200 OK\r\nContent-Length: 0'}\r\n\r\n`,
    )
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    for (const count of [1, 2]) {
      client.send(GET)
      await until(() => client.received.split('204 No Content').length === count + 1, 'the answer')
    }
    client.send(GET)
    await client.receives('304 Not Modified')
    client.send('HEAD / HTTP/1.1\r\nHost: app\r\n\r\n')
    await client.receives('200 OK\r\nContent-Length: 9\r\n\r\n')
    client.send(GET)
    await client.receives('200 OK\r\nContent-Length: 0\r\n\r\n')
    expect(client.received).not.toMatch(/204 No Content\r\nContent-Length/)
  })

  test('with trailers arrive whole', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 2\r\n\r\n'
    const { port } = await startRaw(cleanup, () => answer)
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send(GET)
    await client.receives('2\r\nok\r\n0\r\nX-Sum: 2\r\n\r\n')
  })

  test('that are informational reach no client of HTTP/1.0', async () => {
    const { port } = await startRaw(cleanup, () => `HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n${OK}`)
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send('GET / HTTP/1.0\r\nHost: app\r\n\r\n')
    await client.ends()
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  })

  test('until close come in chunks, and keep the client connected', async () => {
    const { port } = await startRaw(cleanup, (_, socket) => {
      socket.end('HTTP/1.1 200 OK\r\n\r\nall of it')
      return null
    })
    const { connect } = await startProxy(cleanup, [port])
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
    const { port } = await startRaw(cleanup, (_read, socket) => {
      socket.end(answer)
      return null
    })
    const { connect, metrics } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send(GET)
    await client.ends()
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(client.received).not.toMatch(/\r\n0\r\n\r\n$/)
    expect(metrics()).toMatch(/response_total\{.*classification="failure".*error="upstream closed"\} 1/)
  })

  test('that break off look so to a client that knows their end by the connection alone', async () => {
    const { port } = await startRaw(cleanup, (_read, socket) => {
      socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nha')
      return null
    })
    const { connect } = await startProxy(cleanup, [port])
    const client = await connect()
    client.send('GET / HTTP/1.0\r\nHost: app\r\n\r\n')
    await until(() => client.isClosed, 'the close')
    expect(client.errno).toBe('ECONNRESET')
  })

  test.each([
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n'],
    ['length and chunks', 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n'],
    ['another coding', 'Transfer-Encoding: gzip\r\n'],
    ['a folded line', 'A: b\r\n c\r\n'],
    ['a bare line feed', 'A: b\n'],
  ])('with %s become 502', async (_, lines) => {
    const { port } = await startRaw(cleanup, () => `HTTP/1.1 200 OK\r\n${lines}\r\nx`)
    const { connect } = await startProxy(cleanup, [port])
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
    const { connect } = await startProxy(cleanup, [app])
    const client = await connect()
    client.socket.pause()
    client.send(GET)
    await until(() => sent > 0, 'the answer to begin')
    // Kernel buffers of three sockets and the few reads held between them.
    expect(await comesToRest(() => sent)).toBeLessThan(32 * 1024 * 1024)
    client.socket.destroy()
  })
})
