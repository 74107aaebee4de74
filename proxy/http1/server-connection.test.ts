import { Buffer } from 'node:buffer'
import { afterEach, expect, test } from 'vitest'
import { Cleanup, RawClient, startTcp, until } from '#proxy/accept/test-sockets.ts'
import type { Reply } from '#proxy/http/service.ts'
import { ServerConnection } from './server-connection.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

test('ServerConnection ends when it rests between requests, never while one is answered', async () => {
  const replies: Reply[] = []
  let isClosed = false
  let timeouts = 0
  const port = await startTcp(cleanup, socket => {
    socket.on('timeout', () => timeouts++)
    const connection = new ServerConnection(socket, {
      service: {
        handle: (_, reply) => {
          replies.push(reply)
          return { clientGone: () => {}, requestBroken: () => {} }
        },
      },
      transport: { opened: () => {}, read: () => {}, wrote: () => {}, closed: () => {} },
      maxHeadBytes: 65_536,
      headTimeoutMs: 10_000,
      idleTimeoutMs: 30,
      endMeansGone: false,
      refused: () => {},
      closed: () => {
        isClosed = true
      },
    })
    connection.start(Buffer.from('GET / HTTP/1.1\r\nHost: app\r\n\r\n'))
  })
  const client = await RawClient.connect(cleanup, { host: '127.0.0.1', port })
  await until(() => timeouts > 0, 'the timeout while it is answered')
  expect(client.isEnded).toBe(false)
  replies[0]?.synthetic(200, '', false)
  await client.receives('200 OK')
  await client.ends()
  client.socket.end()
  await until(() => isClosed, 'the connection to close')
})

test('ServerConnection takes an empty line after a request for the begin of none', async () => {
  let reply: Reply | null = null
  let readBytes = 0
  let connection: ServerConnection | null = null
  const port = await startTcp(cleanup, socket => {
    connection = new ServerConnection(socket, {
      service: {
        handle: (_, its) => {
          reply = its
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
      headTimeoutMs: 10_000,
      idleTimeoutMs: 10_000,
      endMeansGone: false,
      refused: () => {},
      closed: () => {},
    })
    connection.start(Buffer.alloc(0))
  })
  const client = await RawClient.connect(cleanup, { host: '127.0.0.1', port })
  const text = 'POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 2\r\n\r\nok\r\n'
  client.send(text)
  await until(() => readBytes === text.length, 'the request')
  ;(reply as Reply | null)?.synthetic(200, '', false)
  await client.receives('200 OK')
  client.send('\r\n')
  await until(() => readBytes === text.length + 2, 'one more empty line')
  ;(connection as ServerConnection | null)?.drain()
  await client.ends()
  expect(client.received).not.toContain('408')
})
