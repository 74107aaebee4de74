import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { TestAuthority, testIdentity } from './test-identity.ts'
import { Cleanup, startTcp, until } from './test-sockets.ts'
import { createTlsTerminator } from './tls-terminator.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const authority = new TestAuthority('mesh')
const client = authority.certify('web')
const TWO_HOURS_MS = 7_200_000

/** A server that greets those it lets in by their names; `reused` says of each whether its session was resumed. */
async function startServer(nowMs: () => number) {
  const terminator = createTlsTerminator(testIdentity('catalog', authority.certify('catalog')), 10_000, nowMs)
  const reused: boolean[] = []
  const refusals: string[] = []
  const port = await startTcp(cleanup, socket => {
    socket.pause()
    terminator.terminate(socket, Buffer.alloc(0), result => {
      if (result.kind === 'refused') refusals.push(result.reason)
      else {
        reused.push(result.socket.isSessionReused())
        result.socket.end(`hello ${result.clientId}`)
      }
    })
  })
  const connect = (session?: Buffer) =>
    tls.connect({
      host: '127.0.0.1',
      port,
      servername: 'catalog',
      secureContext: client.client,
      checkServerIdentity: () => undefined,
      ...(session === undefined ? {} : { session }),
    })
  return { connect, reused, refusals }
}

describe('createTlsTerminator()', () => {
  test('resumes no session: each handshake shows the certificate anew', async () => {
    const { connect, reused } = await startServer(Date.now)
    const sessions: Buffer[] = []
    for (let round = 0; round < 3; round++) {
      const socket = connect(sessions.at(-1))
      socket.on('session', session => sessions.push(session))
      socket.on('error', () => {})
      let text = ''
      socket.on('data', chunk => {
        text += String(chunk)
      })
      await once(socket, 'close')
      expect(text).toBe('hello web')
    }
    expect(reused).toEqual([false, false, false])
  })

  test('refuses a client whose certificate has expired', async () => {
    const { connect, refusals } = await startServer(() => Date.now() + TWO_HOURS_MS)
    const socket = connect()
    socket.on('error', () => {})
    await until(() => refusals.length > 0, 'a refusal')
    expect(refusals).toEqual([expect.stringContaining('client certificate expired at')])
  })
})
