import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TestLive } from './test-live.ts'

let live: TestLive
beforeEach(async () => {
  live = await TestLive.start()
})
afterEach(() => live.close())

describe('startLive()', () => {
  test.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[])('lets nobody in with %j', async headers => {
    for (const transport of ['websocket', 'polling']) {
      const client = live.connect(headers, [transport])
      const error = await new Promise<Error>((done, fail) => {
        client.on('connect_error', done)
        client.on('connect', () => fail(new Error('connected')))
      })
      expect(error.message).toMatch(/websocket error|xhr poll error/)
    }
  })
})

test('startLive() refuses a connection to another host', async () => {
  const { port } = live
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  }
  for (const [transport, headers] of Object.entries({ polling: {}, websocket: upgrade })) {
    const path = `/socket.io/?EIO=4&transport=${transport}`
    const status = await new Promise((done, fail) => {
      const asked = request({ host: '127.0.0.1', port, path, headers: { ...headers, host: 'evil.example' } })
      asked.on('response', response => {
        response.resume()
        done(response.statusCode)
      })
      asked.on('upgrade', () => done(101))
      asked.on('error', fail)
      asked.end()
    })
    expect([transport, status]).toEqual([transport, transport === 'polling' ? 403 : 400])
  }
})
