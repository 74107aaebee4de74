import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LiveClientEvents, LiveServerEvents } from '#lib/api/live.ts'
import type { Connection } from './connection.ts'
import { type Change, createLiveClient, type LiveClient } from './live-client.ts'
import { openSocketWire } from './socket-wire.ts'

const span = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z', stepSeconds: 1 }
const coverage = { expected: 0, answered: 0, oldestSampleAt: null, missing: [] }
const proxies = { topic: 'proxies', params: {} } as const
const workloads = { topic: 'workloads', params: { namespace: 'shop' } } as const

type Heard = readonly [event: string, payload: unknown]

/** A socket.io server that acknowledges subscriptions; a test says what is sent. */
interface Backend {
  readonly heard: Heard[]
  socket(): Socket<LiveClientEvents, LiveServerEvents>
  stop(): Promise<void>
}

async function startBackend(port: number): Promise<Backend & { readonly port: number }> {
  const http: HttpServer = createServer()
  const io = new Server<LiveClientEvents, LiveServerEvents>(http)
  const heard: Heard[] = []
  let newest: Socket<LiveClientEvents, LiveServerEvents> | undefined
  io.of('/live').on('connection', socket => {
    newest = socket
    socket.on('subscribe', (request, reply) => {
      heard.push(['subscribe', request])
      if (request.params.namespace === 'nope') {
        reply({ error: { code: 'NAMESPACE_UNKNOWN', message: 'There is no namespace nope', hint: '' } })
      } else reply({ subscription: request.topic })
    })
    socket.on('unsubscribe', request => heard.push(['unsubscribe', request]))
    socket.on('resync', request => heard.push(['resync', request]))
  })
  await new Promise<void>(resolve => http.listen(port, '127.0.0.1', resolve))
  return {
    heard,
    port: (http.address() as AddressInfo).port,
    socket() {
      if (newest === undefined) throw new Error('expected a connected client')
      return newest
    },
    stop: () => new Promise(resolve => void io.close(() => resolve())),
  }
}

test('createLiveClient() opens its socket again, when it could not be opened', async () => {
  const backend = await startBackend(0)
  const connections: Connection[] = []
  let attempts = 0
  const live = createLiveClient({
    open: async events => {
      if (++attempts < 3) throw new Error('the part that opens sockets did not come')
      return openSocketWire(`http://127.0.0.1:${backend.port}`, events)
    },
    nowMs: () => 0,
    schedule: flush => void setImmediate(flush),
    onChanges: () => {},
    onConnection: connection => void connections.push(connection),
    later: again => void setImmediate(again),
  })
  live.follow(proxies)
  await vi.waitFor(() => expect(backend.heard).toEqual([['subscribe', proxies]]))
  expect(attempts).toBe(3)
  expect(connections.map(({ state }) => state)).toEqual(['lost', 'regained'])
  live.close()
  await backend.stop()
})

describe('createLiveClient()', () => {
  let backend: Awaited<ReturnType<typeof startBackend>>
  let live: LiveClient
  let changes: Change[]
  let connections: Connection[]

  beforeEach(async () => {
    backend = await startBackend(0)
    changes = []
    connections = []
    live = createLiveClient({
      open: async events => openSocketWire(`http://127.0.0.1:${backend.port}`, events),
      nowMs: () => 0,
      schedule: flush => void setImmediate(flush),
      onChanges: batch => void changes.push(...batch),
      onConnection: connection => void connections.push(connection),
      later: again => void setImmediate(again),
    })
  })
  afterEach(async () => {
    live.close()
    await backend.stop()
  })

  const heard = (event: string) => backend.heard.filter(([name]) => name === event)
  const states = () => changes.map(change => change.feed.state)

  test('subscribes equal questions once, and ends that with the last follower', async () => {
    const first = live.follow(proxies)
    const second = live.follow({ topic: 'proxies', params: {} })
    live.follow(workloads)
    await vi.waitFor(() => expect(heard('subscribe')).toHaveLength(2))
    backend
      .socket()
      .emit('snapshot', { subscription: 'proxies', revision: 1, data: { span, coverage, rows: [] } })
    await vi.waitFor(() => expect(states()).toEqual(['following']))
    first()
    first()
    expect(live.feed(proxies)).toBeDefined()
    second()
    expect(live.feed(proxies)).toBeUndefined()
    await vi.waitFor(() =>
      expect(heard('unsubscribe')).toEqual([['unsubscribe', { subscription: 'proxies' }]]),
    )
  })

  test('asks for a snapshot when an update does not follow on what it holds', async () => {
    live.follow(proxies)
    await vi.waitFor(() => expect(heard('subscribe')).toHaveLength(1))
    const change = { subscription: 'proxies', span, coverage, upserts: [], removes: [] }
    backend
      .socket()
      .emit('snapshot', { subscription: 'proxies', revision: 1, data: { span, coverage, rows: [] } })
    backend.socket().emit('update', { ...change, base: 1, revision: 2 })
    backend.socket().emit('update', { ...change, base: 5, revision: 6 })
    await vi.waitFor(() => expect(heard('resync')).toEqual([['resync', { subscription: 'proxies' }]]))
    backend
      .socket()
      .emit('snapshot', { subscription: 'proxies', revision: 6, data: { span, coverage, rows: [] } })
    await vi.waitFor(() => expect(live.feed(proxies)).toMatchObject({ state: 'following', revision: 6 }))
  })

  test('says so when the server refuses, fails, or sends what is no answer', async () => {
    live.follow({ topic: 'workloads', params: { namespace: 'nope' } })
    live.follow(proxies)
    await vi.waitFor(() =>
      expect(changes.at(-1)?.feed).toMatchObject({ failure: { code: 'NAMESPACE_UNKNOWN' } }),
    )
    const error = { code: 'INTERNAL', message: 'Broken', hint: '' }
    backend.socket().emit('failed', { subscription: 'proxies', error })
    await vi.waitFor(() => expect(live.feed(proxies)).toMatchObject({ failure: error, last: null }))
    backend.socket().emit('snapshot', { subscription: 'proxies', revision: 1, data: { rows: 'none' } })
    await vi.waitFor(() => expect(live.feed(proxies)).toMatchObject({ failure: { code: 'UNREADABLE' } }))
  })

  test('subscribes again after the server was away, and tells of the loss', async () => {
    live.follow(proxies)
    await vi.waitFor(() => expect(heard('subscribe')).toHaveLength(1))
    const { port } = backend
    await backend.stop()
    await vi.waitFor(() => expect(connections.at(-1)?.state).toBe('lost'))
    backend = await startBackend(port)
    await vi.waitFor(() => expect(heard('subscribe')).toHaveLength(1), { timeout: 20_000 })
    expect(connections.map(connection => connection.state)).toEqual(['live', 'lost', 'regained'])
  })

  test('opens again when something is followed after close()', async () => {
    live.follow(proxies)
    await vi.waitFor(() => expect(heard('subscribe')).toHaveLength(1))
    live.close()
    live.close()
    live.follow(workloads)
    await vi.waitFor(() => expect(heard('subscribe').length).toBeGreaterThanOrEqual(3))
  })
})
