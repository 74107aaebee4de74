import { Buffer } from 'node:buffer'
import http2 from 'node:http2'
import net from 'node:net'
import tls from 'node:tls'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readFirstBytes } from '#proxy/accept/first-bytes.ts'
import { TestAuthority, testIdentity } from '#proxy/accept/test-identity.ts'
import { Cleanup, RawClient, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { createTlsTerminator } from '#proxy/accept/tls-terminator.ts'
import { ServerConnection } from '#proxy/http1/server-connection.ts'
import { keepAlive } from '#proxy/http2/keep-alive.ts'
import { startHttp2App } from '#proxy/http2/test-http2.ts'

const TIMEOUT_MS = 50
const realTimeout = globalThis.setTimeout
const cleanup = new Cleanup()
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
})
afterEach(async () => {
  vi.useRealTimers()
  await cleanup.run()
})

/** What a process meets that goes on after a stop: its timers are due, and bytes wait in its sockets. */
function goesOnAfterStop(bytesCome: () => void, stoppedMs = TIMEOUT_MS): Promise<void> {
  return new Promise(done => {
    realTimeout(() => {
      bytesCome()
      vi.advanceTimersByTime(stoppedMs)
      done()
    }, 1)
  })
}

/** Bytes between two ports; those of one way may be held. */
async function startMiddle(port: number) {
  const held: (() => void)[] = []
  let holds: 'neither' | 'requests' | 'answers' = 'neither'
  const pass = (from: net.Socket, to: net.Socket, way: 'requests' | 'answers') => {
    from.on('data', chunk => {
      if (holds === way) held.push(() => to.write(chunk))
      else to.write(chunk)
    })
  }
  const middle = await startTcp(cleanup, socket => {
    const onward = cleanup.add(net.connect(port, '127.0.0.1'), one => one.destroy())
    onward.on('error', () => {})
    pass(socket, onward, 'requests')
    pass(onward, socket, 'answers')
  })
  return {
    port: middle,
    held,
    hold: (way: 'requests' | 'answers') => {
      holds = way
    },
    release: () => {
      holds = 'neither'
      for (const write of held.splice(0)) write()
    },
  }
}

test('readFirstBytes() takes what came while the process was stopped', async () => {
  const results: string[] = []
  let isHeard = false
  const port = await startTcp(cleanup, socket => {
    const decide = (bytes: Buffer) => {
      isHeard = true
      return bytes.length > 1 ? 'told' : null
    }
    readFirstBytes(socket, Buffer.alloc(0), TIMEOUT_MS, decide, ({ kind }) => results.push(kind))
  })
  const client = await RawClient.connect(cleanup, { host: '127.0.0.1', port })
  client.send('a')
  await until(() => isHeard, 'the first byte')
  await goesOnAfterStop(() => client.send('b'))
  await until(() => results.length > 0, 'the result')
  expect(results).toEqual(['decided'])
})

test('a TLS handshake ends that was answered while the process was stopped', async () => {
  const authority = new TestAuthority('mesh')
  const results: string[] = []
  const identity = testIdentity('catalog', authority.certify('catalog'))
  const terminator = createTlsTerminator(identity, TIMEOUT_MS, Date.now)
  const port = await startTcp(cleanup, socket => {
    socket.pause()
    terminator.terminate(socket, Buffer.alloc(0), ({ kind }) => results.push(kind))
  })
  const middle = await startMiddle(port)
  const client = tls.connect({
    host: '127.0.0.1',
    port: middle.port,
    servername: 'catalog',
    secureContext: authority.certify('web').client,
    checkServerIdentity: () => undefined,
  })
  cleanup.add(client, one => one.destroy())
  client.on('error', () => {})
  client.on('keylog', () => middle.hold('requests'))
  await until(() => middle.held.length > 0, "the client's last flight")
  await goesOnAfterStop(() => middle.release())
  await until(() => results.length > 0, 'the result')
  expect(results).toEqual(['secured'])
})

test('a head is read whose rest came while the process was stopped', async () => {
  let readBytes = 0
  const port = await startTcp(cleanup, socket => {
    new ServerConnection(socket, {
      service: {
        handle: (_, reply) => {
          reply.synthetic(204, '', true)
          return { clientGone: () => {}, requestBroken: () => {} }
        },
      },
      transport: {
        opened: () => {},
        read: bytes => {
          readBytes += bytes
        },
        wrote: () => {},
        closed: () => {},
      },
      maxHeadBytes: 65_536,
      headTimeoutMs: TIMEOUT_MS,
      idleTimeoutMs: 10_000,
      endMeansGone: false,
      refused: () => {},
      closed: () => {},
    }).start(Buffer.alloc(0))
  })
  const client = await RawClient.connect(cleanup, { host: '127.0.0.1', port })
  client.send('GET / HTTP/1.1\r\nHos')
  await until(() => readBytes > 0, 'half a head')
  await goesOnAfterStop(() => client.send('t: app\r\n\r\n'))
  await client.ends()
  expect(client.received).toContain('HTTP/1.1 204 ')
})

test('an HTTP/2 peer lives that answered while the process was stopped', async () => {
  const app = await startHttp2App(cleanup, stream => stream.respond({ ':status': 204 }, { endStream: true }))
  const middle = await startMiddle(app.port)
  const session = cleanup.add(http2.connect(`http://127.0.0.1:${middle.port}`), one => one.destroy())
  await new Promise(done => session.once('remoteSettings', done))
  let isSilent = false
  const options = { intervalMs: 1000, timeoutMs: TIMEOUT_MS }
  const silent = () => {
    isSilent = true
  }
  const stop = keepAlive(session, options, { silent, tick: () => {} })
  middle.hold('answers')
  await goesOnAfterStop(() => {}, options.intervalMs)
  await until(() => middle.held.length > 0, 'the answer')
  await goesOnAfterStop(() => middle.release())
  // Its answer comes after the one that was held.
  await new Promise(done => session.ping(done))
  stop()
  expect(isSilent).toBe(false)
})
