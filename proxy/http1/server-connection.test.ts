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
