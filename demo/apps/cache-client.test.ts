import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, test } from 'vitest'
import { CacheClient } from './cache-client.ts'

test('CacheClient() finds nothing, and goes on, when the connection is reset', async () => {
  let resets = 0
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.once('data', line => {
      if (resets++ === 0) socket.resetAndDestroy()
      else socket.end(`+kept ${line.toString().trim()}\r\n`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const client = new CacheClient({
    app: 'catalog',
    workload: 'catalog',
    pod: 'catalog-0',
    ip: '127.0.0.1',
    listenHost: '127.0.0.1',
    listenPort: null,
    outbound: null,
    direct: {},
    doors: { 'cache.shop': { host: '127.0.0.1', port } },
  })
  expect(await client.get('a')).toBeNull()
  expect(await client.get('b')).toBe('kept GET b')
  client.close()
  server.close()
})
