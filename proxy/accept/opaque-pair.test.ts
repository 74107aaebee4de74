import { Buffer } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { destinationListener } from '#proxy/outbound/test-destination.ts'
import { testIdentity } from './test-identity.ts'
import { AUTHORITY, CATALOG, startPair, WEB } from './test-pair.ts'
import { output, startProgram, testWith } from './test-programs.ts'
import { allow, testEndpoint } from './test-proxy.ts'
import { Cleanup, comesToRest, RawClient, startApp, startTcp, until } from './test-sockets.ts'
import { createTlsTerminator } from './tls-terminator.ts'

const cleanup = new Cleanup()
afterEach(() => {
  vi.useRealTimers()
  return cleanup.run()
})

/** A pair of proxies in mesh TLS in front of an opaque app, and where its clients connect to. */
async function startOpaque(port: number) {
  const pair = await startPair(cleanup, port, {
    outbound: { destinationListeners: [destinationListener('catalog', '127.18.9.1')] },
  })
  const { discovery, endpoint, outbound } = pair
  pair.policies.set({ ...allow({ kind: 'unauthenticated' }), protocol: 'opaque' })
  discovery.set(AUTHORITY, { state: 'resolved', endpoints: [endpoint], routes: null, isOpaque: true })
  const [address] = outbound.destinations
  if (address === undefined) throw new Error('The proxy listens for no destination')
  return { ...pair, address, connect: () => RawClient.connect(cleanup, address) }
}

describe('opaque bytes through a pair', () => {
  test('may begin with the server, and are counted with the identity of each side', async () => {
    const port = await startTcp(cleanup, socket => {
      socket.write('+OK ready\r\n')
      socket.on('data', chunk => socket.write(`<${String(chunk)}>`))
    })
    const { connect, metrics } = await startOpaque(port)
    const client = await connect()
    await client.receives('+OK ready')
    client.send('STAT')
    await client.receives('<STAT>')
    expect(metrics.outbound()).toMatch(
      new RegExp(
        `^tcp_open_connections\\{direction="outbound",peer="dst",authority="${AUTHORITY}".*tls="true",server_id="${CATALOG}",.*dst_service="app"\\} 1$`,
        'm',
      ),
    )
    expect(metrics.inbound()).toMatch(
      new RegExp(
        `^tcp_read_bytes_total\\{direction="inbound",peer="src".*tls="true",client_id="${WEB}".*\\} 4$`,
        'm',
      ),
    )
    expect(metrics.inbound()).toMatch(
      new RegExp(
        `^inbound_tcp_transport_header_connections_total\\{session_protocol="",target_port="${port}",target_name="",client_id="${WEB}"\\} 1$`,
        'm',
      ),
    )
    expect(metrics.outbound()).not.toMatch(/^request_total/m)
  })

  test('end on each side by itself', async () => {
    const port = await startTcp(cleanup, socket => {
      const hash = createHash('sha256')
      socket.on('data', chunk => hash.update(chunk))
      socket.on('end', () => socket.end(hash.digest('hex')))
    })
    const { connect } = await startOpaque(port)
    const body = randomBytes(3_000_000)
    const client = await connect()
    client.socket.end(body)
    await client.receives(createHash('sha256').update(body).digest('hex'))
    await client.ends()
  })

  test('that break off never look whole', async () => {
    const sockets: Socket[] = []
    const port = await startTcp(cleanup, socket => {
      sockets.push(socket)
      socket.write('half of it')
    })
    const { connect } = await startOpaque(port)
    const client = await connect()
    await client.receives('half of it')
    sockets[0]?.resetAndDestroy()
    await until(() => client.isClosed, 'the close')
    expect(client.errno).toBe('ECONNRESET')
  })

  test('of an app that cannot be reached break off, are counted with the cause, and logged', async () => {
    const { connect, logs, metrics } = await startOpaque(1)
    const client = await connect()
    await until(() => client.isClosed, 'the close')
    expect(client.errno).toBe('ECONNRESET')
    expect(metrics.inbound()).toMatch(/^inbound_tcp_errors_total\{error="i\/o",.*target_port="1"\} 1$/m)
    await until(() => metrics.inbound().includes('errno='), 'the close of the connection to be counted')
    expect(metrics.inbound()).toMatch(
      /^tcp_close_total\{direction="inbound",peer="src",.*,errno="ECONNREFUSED"\} 1$/m,
    )
    expect(logs.inbound).toEqual([
      expect.stringContaining(
        `warn Connection failed error="Cannot connect to 127.0.0.1:1: ECONNREFUSED" client=127.18.9.1 identity=${WEB} port=1\n`,
      ),
    ])
  })

  test('reach a proxy that took too long to answer, where there is no other', async () => {
    const { authority, connect, discovery } = await startOpaque(1)
    const identity = testIdentity(CATALOG, authority.certify(CATALOG))
    const terminator = createTlsTerminator(identity, 10_000, Date.now)
    let accepted = 0
    const port = await startTcp(cleanup, tcp => {
      tcp.pause()
      if (accepted++ === 0) return
      terminator.terminate(tcp, Buffer.alloc(0), result => {
        if (result.kind === 'secured') result.socket.write('+OK ready')
      })
    })
    const tls = { serverName: CATALOG, serverId: CATALOG }
    const endpoints = [testEndpoint('127.0.0.1', port, { tls })]
    discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null, isOpaque: true })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const client = await connect()
    await until(() => accepted === 1, 'the first connection')
    vi.advanceTimersByTime(1000)
    await client.receives('+OK ready')
    expect(accepted).toBe(2)
  })

  test('to a proxy that cannot be reached break off, are counted with the cause, and logged', async () => {
    const { connect, discovery, logs, metrics } = await startOpaque(1)
    discovery.set(AUTHORITY, {
      state: 'resolved',
      endpoints: [testEndpoint('127.18.9.2', 1)],
      routes: null,
      isOpaque: true,
    })
    const client = await connect()
    await until(() => client.isClosed, 'the close')
    expect(metrics.outbound()).toMatch(
      /^tcp_close_total\{direction="outbound",peer="src",.*,errno="ECONNREFUSED"\} 1$/m,
    )
    expect(logs.outbound).toHaveLength(1)
  })

  test('stop when policy forbids them', async () => {
    const { connect, logs, metrics, policies } = await startOpaque(
      await startTcp(cleanup, socket => socket.write('hi')),
    )
    const client = await connect()
    await client.receives('hi')
    policies.set({ ...allow({ kind: 'unauthenticated' }), authorizations: [], protocol: 'opaque' })
    await until(() => client.isClosed, 'the close')
    expect(metrics.inbound()).toMatch(/^inbound_tcp_authz_terminate_total\{.*\} 1$/m)
    const refused = await connect()
    await until(() => refused.isClosed, 'the close of one more')
    expect(metrics.inbound()).toMatch(/^inbound_tcp_authz_deny_total\{.*\} 1$/m)
    expect(logs.inbound).toEqual([
      expect.stringContaining(
        `warn Connection ended: no longer authorized server=test client=127.18.9.1 identity=${WEB}`,
      ),
      expect.stringContaining(
        `warn Connection refused error=unauthorized server=test client=127.18.9.1 identity=${WEB}`,
      ),
    ])
  })

  test('wait at their source for a slow reader', async () => {
    let sent = 0
    const port = await startTcp(cleanup, socket => {
      const block = Buffer.alloc(64 * 1024)
      const push = () => {
        while (sent < 256 * 1024 * 1024) {
          sent += block.length
          if (!socket.write(block)) {
            socket.once('drain', push)
            return
          }
        }
      }
      push()
    })
    const { connect } = await startOpaque(port)
    const client = await connect()
    client.socket.pause()
    await until(() => sent > 0, 'the first bytes')
    expect(await comesToRest(() => sent)).toBeLessThan(64 * 1024 * 1024)
  })

  testWith(
    ['redis-server', 'redis-cli'],
    'serve Redis: redis-cli, pipelined commands and a subscription',
    async () => {
      const port = await startProgram(cleanup, 'redis-server', listening => ({
        args: ['config'],
        config: `bind 127.0.0.1\nport ${listening}\nsave ""\nappendonly no\n`,
      }))
      const { address, connect, metrics } = await startOpaque(port)
      const cli = (...args: string[]) =>
        output('redis-cli', '-h', address.host, '-p', String(address.port), ...args)
      expect(await cli('SET', 'greeting', 'hello')).toBe('OK\n')
      expect(await cli('GET', 'greeting')).toBe('hello\n')
      const subscriber = await connect()
      subscriber.send('SUBSCRIBE news\r\n')
      await subscriber.receives('subscribe')
      await cli('PUBLISH', 'news', 'extra')
      await subscriber.receives('extra')
      const client = await connect()
      const count = 20_000
      client.send(Array.from({ length: count }, (_, i) => `INCR n\r\nECHO ${i}\r\n`).join(''))
      await client.receives(`:${count}\r\n$5\r\n${count - 1}\r\n`)
      const expected = Array.from(
        { length: count },
        (_, i) => `:${i + 1}\r\n$${String(i).length}\r\n${i}\r\n`,
      ).join('')
      expect(client.received === expected).toBe(true)
      expect(await cli('DBSIZE')).toBe('2\n')
      expect(metrics.inbound()).not.toMatch(/^inbound_tcp_errors_total\{/m)
    },
  )

  testWith(['haproxy', 'curl'], 'pass through haproxy in TCP mode behind them', async () => {
    const app = await startApp(cleanup, (_, response) => response.end('behind haproxy'))
    const port = await startProgram(cleanup, 'haproxy', listening => ({
      args: ['-f', 'config'],
      config: `defaults
  mode tcp
  timeout connect 5s
  timeout client 10s
  timeout server 10s
listen relay
  bind 127.0.0.1:${listening}
  server app 127.0.0.1:${app}
`,
    }))
    const { address, metrics } = await startOpaque(port)
    const url = `http://${address.host}:${address.port}/`
    expect(await output('curl', '-s', url, url, url)).toBe('behind haproxy'.repeat(3))
    expect(metrics.outbound()).not.toMatch(/^request_total/m)
  })
})
