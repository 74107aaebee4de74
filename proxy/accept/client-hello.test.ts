import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import tls from 'node:tls'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { parseClientHello } from './client-hello.ts'
import { Cleanup, startTcp } from './test-sockets.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** The first bytes of a real TLS client. */
async function captureHello(servername: string): Promise<Buffer> {
  let captured: (bytes: Buffer) => void = () => {}
  const hello = new Promise<Buffer>(resolve => {
    captured = resolve
  })
  const port = await startTcp(cleanup, socket => socket.once('data', chunk => captured(chunk as Buffer)))
  const client = tls.connect({ host: '127.0.0.1', port, servername, rejectUnauthorized: false })
  cleanup.add(client, one => one.destroy())
  client.on('error', () => {})
  await once(client, 'connect')
  return hello
}

describe('parseClientHello()', () => {
  test('finds the server name, and waits for it at every cut', async () => {
    const bytes = await captureHello('web.shop')
    expect(parseClientHello(bytes)).toEqual({ kind: 'hello', serverName: 'web.shop' })
    for (let size = 0; size < bytes.length; size++) {
      expect(parseClientHello(bytes.subarray(0, size)).kind).toBe('incomplete')
    }
  })

  test('finds none where the client names none, and joins records', async () => {
    const bytes = await captureHello('')
    expect(parseClientHello(bytes)).toEqual({ kind: 'hello', serverName: null })
    const named = await captureHello('web.shop')
    const record = (part: Buffer) =>
      Buffer.concat([Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part])
    const split = Buffer.concat([record(named.subarray(5, 60)), record(named.subarray(60))])
    expect(parseClientHello(split)).toEqual({ kind: 'hello', serverName: 'web.shop' })
  })

  test('takes nothing else for TLS, and never throws', async () => {
    expect(parseClientHello(Buffer.from('GET / HTTP/1.1'))).toEqual({ kind: 'not-tls' })
    const bytes = await captureHello('web.shop')
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(400), (noise, at) => {
        parseClientHello(Buffer.concat([bytes.subarray(0, at), noise]))
        parseClientHello(Buffer.from(noise))
      }),
    )
  })
})
