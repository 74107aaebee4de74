import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { io, type Socket } from 'socket.io-client'
import { expect } from 'vitest'
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
import { createTestMesh, runTestTraffic, type TestMesh } from '#server/golden/test-mesh.ts'
import { createDoors, isSocketAllowed } from '#server/http/doors.ts'
import { createLog } from '#server/log.ts'
import { Taps } from '#server/tap/taps.ts'
import { type Live, startLive } from './live.ts'

export type Client = Socket<LiveServerEvents, LiveClientEvents>

/** Everything the server said to a client, in order. */
interface Heard {
  readonly snapshots: Snapshot[]
  readonly updates: Update[]
  readonly lagged: Lagged[]
  readonly failed: LiveError[]
}

/** The live server over a mesh with some traffic, and its clients. */
export class TestLive {
  readonly mesh: TestMesh
  readonly registry = new Registry()
  /** The topics that were asked of `golden`, in order. */
  readonly asked: string[] = []
  /** What answers; may be put in another's place. */
  golden: Golden
  readonly #server: Server
  readonly #live: Live
  readonly #clients: Client[] = []

  private constructor(server: Server) {
    const { registry } = this
    this.mesh = createTestMesh()
    runTestTraffic(this.mesh)
    this.golden = createGolden(this.mesh)
    this.#server = server
    const doors = createDoors(/^(localhost|127\.0\.0\.1)(:\d+)?$/)
    this.#live = startLive({
      server,
      golden: {
        ask: (topic, params) => {
          this.asked.push(topic)
          return this.golden.ask(topic, params)
        },
      },
      taps: new Taps({
        platform: this.mesh.platform,
        certificate: () => Promise.reject(new Error('There is no authority')),
        countRequests: () => Promise.resolve(null),
        redactedHeaders: [],
        registry,
        now: Date.now,
      }),
      onRound: listener => this.mesh.targets.subscribe(listener),
      isAllowed: request => isSocketAllowed(doors, request),
      registry,
      log: createLog(() => {}, Date.now),
      nowMs: () => this.mesh.nowMs(),
    })
  }

  static async start(): Promise<TestLive> {
    const server = createServer()
    const live = new TestLive(server)
    await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
    return live
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect()
    this.#live.close()
    this.#live.close()
    await new Promise(done => this.#server.close(done))
    await this.mesh.store.close()
  }

  connect(headers: Record<string, string> = {}, transports = ['websocket']): Client {
    const client: Client = io(`http://127.0.0.1:${this.port}/live`, {
      transports,
      extraHeaders: headers,
      reconnection: false,
      forceNew: true,
    })
    this.#clients.push(client)
    return client
  }

  /** Lets a round of scrapes pass in which users received so many requests. */
  nextRound(success: number): void {
    this.mesh.pass()
    this.mesh.scrape('users-0', [{ key: { view: 'inbound', tls: 'x' }, success }])
    this.mesh.settle()
    this.mesh.endRound()
  }
}

export function listen(client: Client): Heard {
  const heard: Heard = { snapshots: [], updates: [], lagged: [], failed: [] }
  client.on('snapshot', message => heard.snapshots.push(message))
  client.on('update', message => heard.updates.push(message))
  client.on('lagged', message => heard.lagged.push(message))
  client.on('failed', message => heard.failed.push(message))
  return heard
}

export function subscribe(
  client: Client,
  topic: LiveTopic,
  params: Record<string, string>,
): Promise<SubscribeReply> {
  return client.timeout(5_000).emitWithAck('subscribe', { topic, params })
}

/** Waits until nothing that `check` expects fails. */
export const until = (check: () => void) =>
  expect
    .poll(() => {
      check()
      return true
    })
    .toBe(true)
