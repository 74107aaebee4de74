import { afterEach, expect, test } from 'vitest'
import { ConnectionSet, listen } from './listener.ts'
import { Cleanup, RawClient, until } from './test-sockets.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

test('listen() closes and tells connections beyond the bound, until others end', async () => {
  let accepted = 0
  let refused = 0
  const listener = await listen({ host: '127.0.0.1', port: 0 }, new ConnectionSet(), {
    accept: socket => {
      accepted++
      cleanup.add(socket, one => one.destroy())
      socket.on('end', () => socket.destroy())
      socket.resume()
    },
    refused: () => refused++,
    maxConnections: 2,
  })
  cleanup.add(listener, one => one.close())
  const connect = () => RawClient.connect(cleanup, listener.address)
  const first = await connect()
  await connect()
  await until(() => accepted === 2, 'two connections')
  await (await connect()).ends()
  expect({ accepted, refused }).toEqual({ accepted: 2, refused: 1 })
  first.socket.end()
  await until(() => first.isClosed, 'the first one to end')
  await connect()
  await until(() => accepted === 3, 'a third connection')
})
