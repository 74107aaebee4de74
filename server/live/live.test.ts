import { createServer, request, type Server } from 'node:http'
import type { AddressInfo, Socket as NetSocket } from 'node:net'
import { Registry } from 'prom-client'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type {
  Lagged,
  LiveClientEvents,
  LiveError,
  LiveServerEvents,
  LiveTopic,
  Snapshot,
  SubscribeReply,
  Update,
} from '#lib/api/live.ts'
import { createGolden, type Golden } from '#server/golden/golden.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import { createTestMesh, runTestTraffic, type TestMesh, testIntervalMs } from '#server/golden/test-mesh.ts'
import { createDoors, isSocketAllowed } from '#server/http/doors.ts'
import { createLog } from '#server/log.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import { Taps } from '#server/tap/taps.ts'
import { type Live, startLive } from './live.ts'

type Client = Socket<LiveServerEvents, LiveClientEvents>

let mesh: TestMesh
let server: Server
let live: Live
let registry: Registry
let asked: string[]
let golden: Golden
const clients: Client[] = []

beforeEach(async () => {
  mesh = createTestMesh(createMemoryStore({ intervalMs: testIntervalMs }))
  runTestTraffic(mesh)
  asked = []
  golden = createGolden(mesh)
  registry = new Registry()
  server = createServer()
  const doors = createDoors(/^(localhost|127\.0\.0\.1)(:\d+)?$/)
  live = startLive({
    server,
    golden: {
      ask(topic, params) {
        asked.push(topic)
        return golden.ask(topic, params)
      },
    },
    taps: new Taps({
      platform: mesh.platform,
      certificate: () => Promise.reject(new Error('There is no authority')),
      countRequests: () => Promise.resolve(null),
      redactedHeaders: [],
      registry,
      now: Date.now,
    }),
    onRound: listener => mesh.targets.subscribe(listener),
    isAllowed: request => isSocketAllowed(doors, request),
    registry,
    log: createLog(() => {}, Date.now),
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  live.close()
  live.close()
  await new Promise(done => server.close(done))
  await mesh.store.close()
})

function connect(headers: Record<string, string> = {}, transports = ['websocket']): Client {
  const { port } = server.address() as AddressInfo
  const client: Client = io(`http://127.0.0.1:${port}/live`, {
    transports,
    extraHeaders: headers,
    reconnection: false,
    forceNew: true,
  })
  clients.push(client)
  return client
}

/** Everything the server said, in order. */
interface Heard {
  readonly snapshots: Snapshot[]
  readonly updates: Update[]
  readonly lagged: Lagged[]
  readonly failed: LiveError[]
}

function listen(client: Client): Heard {
  const heard: Heard = { snapshots: [], updates: [], lagged: [], failed: [] }
  client.on('snapshot', message => heard.snapshots.push(message))
  client.on('update', message => heard.updates.push(message))
  client.on('lagged', message => heard.lagged.push(message))
  client.on('failed', message => heard.failed.push(message))
  return heard
}

function subscribe(
  client: Client,
  topic: LiveTopic,
  params: Record<string, string>,
): Promise<SubscribeReply> {
  return client.timeout(5_000).emitWithAck('subscribe', { topic, params })
}

const until = (check: () => void) =>
  expect
    .poll(() => {
      check()
      return true
    })
    .toBe(true)

async function nextRound(success: number): Promise<void> {
  mesh.pass()
  mesh.scrape('users-0', [{ key: { view: 'inbound', tls: 'x' }, success }])
  mesh.settle()
  mesh.endRound()
}

describe('startLive()', () => {
  test.each(['websocket', 'polling'])(
    'answers at once and keeps the answer fresh, over %s',
    async transport => {
      const client = connect({}, [transport])
      const heard = listen(client)
      const reply = await subscribe(client, 'golden', { resource: 'workload' })
      await until(() => expect(heard.snapshots).toHaveLength(1))
      const [first] = heard.snapshots
      expect(reply).toEqual({ subscription: first?.subscription })
      expect(first?.data).toEqual(await golden.ask('golden', { resource: 'workload' }))

      await nextRound(5)
      await until(() => expect(heard.updates).toHaveLength(1))
      const [update] = heard.updates
      expect(update).toMatchObject({
        base: first?.revision,
        revision: (first?.revision ?? 0) + 1,
        removes: [],
      })
      expect(update?.upserts.map(({ in: list, row }) => [list, row.id])).toContainEqual([
        'rows',
        'shop/deployment/users',
      ])
      expect(update?.upserts.map(({ row }) => row.id)).not.toContain('batch/cronjob/legacy-batch')

      client.emit('resync', { subscription: first?.subscription ?? '' })
      await until(() => expect(heard.snapshots).toHaveLength(2))
      expect(heard.snapshots[1]).toMatchObject({ revision: update?.revision })

      client.emit('unsubscribe', { subscription: first?.subscription ?? '' })
      const again = await subscribe(client, 'workloads', {})
      await until(() => expect(heard.snapshots).toHaveLength(3))
      await nextRound(1)
      await until(() =>
        expect(heard.updates.at(-1)?.subscription).toBe('subscription' in again && again.subscription),
      )
      expect(heard.updates.filter(({ subscription }) => subscription === first?.subscription)).toHaveLength(1)
    },
  )

  test('asks equal questions once a round, whoever follows them', async () => {
    const [a, b] = [connect(), connect()]
    const heard = [listen(a), listen(b)]
    await Promise.all([
      subscribe(a, 'golden', { resource: 'deploy', namespace: 'shop' }),
      subscribe(a, 'golden', { namespace: 'shop', resource: 'deploy', window: '' }),
      subscribe(b, 'golden', { namespace: 'shop', resource: 'deploy' }),
    ])
    expect(asked).toHaveLength(1)
    await nextRound(3)
    await until(() => expect(heard.map(({ updates }) => updates.length)).toEqual([2, 1]))
    expect(asked).toHaveLength(2)
    a.disconnect()
    b.disconnect()
    await expect
      .poll(async () => (await registry.getSingleMetric('meshscope_live_questions')?.get())?.values[0]?.value)
      .toBe(0)
    await nextRound(3)
    expect(asked).toHaveLength(2)
  })

  test('answers a bad question in its acknowledgement', async () => {
    const client = connect()
    const refused = async (topic: string, params: unknown) =>
      (await client.timeout(5_000).emitWithAck('subscribe', { topic, params } as never)) as SubscribeReply
    expect(await refused('golden', { resource: 'deploy', window: 'banana' })).toMatchObject({
      error: { code: 'WINDOW_INVALID' },
    })
    expect(await refused('golden', { resource: 'deploy', namespace: 'no' })).toMatchObject({
      error: { code: 'UNKNOWN_NAMESPACE' },
    })
    expect(await refused('weather', {})).toMatchObject({ error: { code: 'BAD_PARAMETER' } })
    expect(await refused('golden', { resource: 7 })).toMatchObject({ error: { code: 'BAD_PARAMETER' } })
  })

  test('passes over messages that name no subscription, whatever they hold', async () => {
    const client = connect()
    const heard = listen(client)
    const reply = await subscribe(client, 'workloads', {})
    const junk = [undefined, null, 7, 'x', [], {}, { subscription: 1 }, { subscription: { toString: 1 } }]
    for (const event of ['unsubscribe', 'resync', 'subscribe', 'error', 'nonsense']) {
      for (const message of junk) client.emit(event as 'resync', message as never)
    }
    await until(() => expect(heard.snapshots).toHaveLength(1))
    client.emit('resync', reply as { subscription: string })
    await until(() => expect(heard.snapshots).toHaveLength(2))
  })

  test('says once that a question failed, and sends the whole answer when it recovers', async () => {
    const working = golden
    const client = connect()
    const heard = listen(client)
    await subscribe(client, 'workloads', {})
    golden = {
      ask: () =>
        Promise.reject(new QuestionError('UNKNOWN_NAMESPACE', 'Unknown namespace "shop"', 'It left')),
    }
    mesh.endRound()
    await until(() => expect(heard.failed).toHaveLength(1))
    expect(heard.failed[0]?.error.code).toBe('UNKNOWN_NAMESPACE')
    mesh.endRound()
    golden = working
    mesh.endRound()
    await until(() => expect(heard.snapshots).toHaveLength(2))
    expect(heard.failed).toHaveLength(1)
  })

  test('bounds the subscriptions of a client', async () => {
    const client = connect()
    const replies = await Promise.all(Array.from({ length: 65 }, () => subscribe(client, 'workloads', {})))
    expect(replies.filter(reply => 'error' in reply)).toMatchObject([
      { error: { code: 'TOO_MANY_SUBSCRIPTIONS' } },
    ])
  })

  test('spares a client that does not read, and tells it how much it missed', async () => {
    const bulk = 'x'.repeat(1_000_000)
    let n = 0
    const span = { start: '', end: '', stepSeconds: 5 }
    const coverage = { expected: 0, answered: 0, oldestSampleAt: null, missing: [] }
    golden = { ask: async () => ({ span, coverage, rows: [{ id: 'a', name: `${n++}${bulk}` }] }) as never }
    const client = connect()
    const heard = listen(client)
    await subscribe(client, 'workloads', {})
    await until(() => expect(heard.snapshots).toHaveLength(1))

    const wire = netSocketOf(client)
    wire.pause()
    const rounds = 200
    for (let round = 0; round < rounds; round++) {
      const before = n
      mesh.endRound()
      await expect.poll(() => n, { interval: 1 }).toBeGreaterThan(before)
    }
    const skipped = (await registry.getSingleMetric('meshscope_live_skipped_updates_total')?.get())?.values[0]
      ?.value
    expect(skipped).toBeGreaterThan(rounds / 2)

    wire.resume()
    // The machine's buffers may give it room once in between: then it is told in parts.
    const told = () => heard.lagged.reduce((sum, message) => sum + message.skipped, 0)
    await expect
      .poll(
        () => {
          mesh.endRound()
          return told()
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThanOrEqual(skipped ?? 0)
    await until(() => expect(heard.snapshots.length).toBeGreaterThan(1))
    expect(heard.updates.length).toBeLessThan(rounds / 2)
  }, 60_000)

  test.each([
    { origin: 'http://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ] as Record<string, string>[])('lets nobody in with %j', async headers => {
    for (const transport of ['websocket', 'polling']) {
      const client = connect(headers, [transport])
      const error = await new Promise<Error>((done, fail) => {
        client.on('connect_error', done)
        client.on('connect', () => fail(new Error('connected')))
      })
      expect(error.message).toMatch(/websocket error|xhr poll error/)
    }
  })
})

test('startLive() refuses a connection to another host', async () => {
  const { port } = server.address() as AddressInfo
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

/** The connection below a client, to stop reading from it. */
function netSocketOf(client: Client): NetSocket {
  const { transport } = client.io.engine
  const { ws } = transport as unknown as { ws: { _socket: NetSocket } }
  return ws._socket
}
