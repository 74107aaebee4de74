import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import type net from 'node:net'
import tls from 'node:tls'
import { afterEach, describe, expect, test } from 'vitest'
import { TestAuthority } from '#proxy/accept/test-identity.ts'
import { Cleanup, RawClient, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { isCarriedBy, reset } from './reset.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const { server: secureContext } = new TestAuthority('mesh').certify('web')

/** Both ends of a TLS connection. */
async function connectTls() {
  const secured = tls.createServer({ SNICallback: (_, done) => done(null, secureContext) })
  const accepted = once(secured, 'secureConnection')
  let carrier: net.Socket | null = null
  const port = await startTcp(cleanup, socket => {
    carrier = socket
    secured.emit('connection', socket)
  })
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'web', rejectUnauthorized: false })
  const client = new RawClient(cleanup, socket)
  const [server]: net.Socket[] = await accepted
  if (server === undefined || carrier === null) throw new Error('Nothing was accepted')
  isCarriedBy(server, carrier)
  return { server, client }
}

async function connectTcp() {
  const sockets: net.Socket[] = []
  const port = await startTcp(cleanup, socket => sockets.push(socket))
  const client = await RawClient.connect(cleanup, { host: '127.0.0.1', port })
  await until(() => sockets.length > 0, 'the connection')
  const [server] = sockets
  if (server === undefined) throw new Error('Nothing was accepted')
  return { server, client }
}

describe('reset()', () => {
  test.each([
    ['TCP', connectTcp, 'ECONNRESET'],
    ['TLS', connectTls, 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC'],
  ])('is no end to a peer in %s', async (_, connect, errno) => {
    const { client, server } = await connect()
    const isClosed = once(server, 'close')
    server.write('half')
    await client.receives('half')
    reset(server)
    await isClosed
    await until(() => client.errno !== '', 'the error')
    expect(client.errno).toBe(errno)
  })

  test.each([
    ['TCP', connectTcp],
    ['TLS', connectTls],
  ])('closes a connection in %s whose peer does not read', async (_, connect) => {
    const { client, server } = await connect()
    const isClosed = once(server, 'close')
    client.socket.pause()
    server.write(Buffer.alloc(8 * 1024 * 1024))
    reset(server)
    reset(server)
    await isClosed
  })

  test.each([
    ['TCP', connectTcp],
    ['TLS', connectTls],
  ])('closes a connection in %s whose end is on its way', async (_, connect) => {
    const { client, server } = await connect()
    const isClosed = once(server, 'close')
    client.socket.pause()
    server.write(Buffer.alloc(8 * 1024 * 1024))
    server.end()
    reset(server)
    await isClosed
  })
})
