import { create } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterEach, expect, test, vi } from 'vitest'
import {
  type DestinationProfile,
  DestinationProfileSchema,
  Destination as Service,
  type Update,
  UpdateSchema,
  WeightedAddrSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { HttpMethod_Registered } from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import { createControlChannel } from '#proxy/control/control-channel.ts'
import { startTestServer, type TestServer } from '#proxy/control/test-server.ts'
import { createLog } from '#proxy/log.ts'
import { createDiscovery } from './control-discovery.ts'
import type { Discovery, Resolution } from './discovery.ts'

const AUTHORITY = 'catalog.shop.svc.cluster.local:80'
const CONTEXT = '{"ns":"shop","pod":"web-1"}'
/** What proxies said of their watches. */
const lines: string[] = []
const log = createLog({ level: 'info', write: line => lines.push(line), nowMs: Date.now })
const hasEnded = (what: string) => lines.some(line => line.includes(`Watch of ${what} ended`))

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

/** Streams that a test feeds: each call gets what was sent since it was opened. */
class Feed<T> {
  open = 0
  readonly questions: { path: string; contextToken: string }[] = []
  #listeners = new Set<(message: T | ConnectError) => void>()
  readonly #initial: () => T | ConnectError | null

  constructor(initial: () => T | ConnectError | null) {
    this.#initial = initial
  }

  send(message: T | ConnectError): void {
    for (const listener of this.#listeners) listener(message)
  }

  async *stream(question: { path: string; contextToken: string }, signal: AbortSignal): AsyncGenerator<T> {
    this.questions.push(question)
    this.open++
    const queue: (T | ConnectError)[] = []
    let wake = (): void => {}
    const listener = (message: T | ConnectError): void => {
      queue.push(message)
      wake()
    }
    this.#listeners.add(listener)
    signal.addEventListener('abort', () => wake())
    const first = this.#initial()
    if (first !== null) queue.push(first)
    try {
      while (!signal.aborted) {
        const message = queue.shift()
        if (message === undefined) {
          await new Promise<void>(resolve => {
            wake = resolve
          })
        } else if (message instanceof ConnectError) {
          throw message
        } else {
          yield message
        }
      }
    } finally {
      this.open--
      this.#listeners.delete(listener)
    }
  }
}

const ip = (last: number) => ({ ip: { ip: { case: 'ipv4' as const, value: 0x7f120000 + last } }, port: 8080 })
const add = (...lasts: number[]): Update =>
  create(UpdateSchema, {
    update: {
      case: 'add',
      value: {
        metricLabels: { service: 'catalog', namespace: 'shop' },
        addrs: lasts.map(last =>
          create(WeightedAddrSchema, {
            addr: ip(last),
            metricLabels: { pod: `catalog-${last}`, deployment: 'catalog' },
            tlsIdentity: { strategy: { case: 'dnsLikeIdentity', value: { name: 'catalog.shop' } } },
            protocolHint: { opaqueTransport: { inboundPort: 4143 } },
          }),
        ),
      },
    },
  })
const remove = (last: number): Update =>
  create(UpdateSchema, { update: { case: 'remove', value: { addrs: [ip(last)] } } })
const none = (exists: boolean): Update =>
  create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists } } })
const profile = (regex: string): DestinationProfile =>
  create(DestinationProfileSchema, {
    routes: [
      {
        condition: {
          match: {
            case: 'all',
            value: {
              matches: [
                { match: { case: 'path', value: { regex } } },
                {
                  match: {
                    case: 'method',
                    value: { type: { case: 'registered', value: HttpMethod_Registered.GET } },
                  },
                },
              ],
            },
          },
        },
        metricsLabels: { route: 'GET item' },
        isRetryable: true,
        timeout: { seconds: 1n, nanos: 500_000_000 },
        responseClasses: [
          {
            condition: { match: { case: 'status', value: { min: 404, max: 404 } } },
            isFailure: true,
          },
        ],
      },
    ],
  })

interface Plane {
  readonly endpoints: Feed<Update>
  readonly profiles: Feed<DestinationProfile>
  readonly discovery: Discovery
  server: TestServer
  restart(): Promise<void>
}

async function start(
  initial: () => Update | ConnectError | null,
  initialProfile: () => DestinationProfile | ConnectError | null = () =>
    new ConnectError('none', Code.NotFound),
  config = { discoveryIdleTimeoutMs: 5000, profileTimeoutMs: 5000 },
): Promise<Plane> {
  const endpoints = new Feed(initial)
  const profiles = new Feed(initialProfile)
  const listen = (port?: number) =>
    startTestServer(
      router =>
        router.service(Service, {
          get: (question, { signal }) => endpoints.stream(question, signal),
          getProfile: (question, { signal }) => profiles.stream(question, signal),
        }),
      port,
    )
  const server = await listen()
  const channel = createControlChannel(server.address, () => null)
  const discovery = createDiscovery({
    config: { destinationContext: CONTEXT, ...config },
    channel,
    policies: { channel, workload: 'shop:web' },
    log,
    random: () => 0,
  })
  const plane: Plane = {
    endpoints,
    profiles,
    discovery,
    server,
    async restart() {
      plane.server = await listen(server.address.port)
    },
  }
  closers.push(async () => {
    await discovery.close()
    channel.close()
    await plane.server.close()
  })
  return plane
}

const addresses = (resolution: Resolution): string[] | string =>
  resolution.state === 'resolved' ? resolution.endpoints.map(({ address }) => address) : resolution.state

test('destination() resolves endpoints and routes, and follows their changes', async () => {
  const { discovery, endpoints } = await start(
    () => add(2, 3),
    () => profile('/items/[^/]+'),
  )
  const destination = discovery.destination(AUTHORITY)
  expect(destination.current()).toEqual({ state: 'pending' })
  await vi.waitFor(() =>
    expect(addresses(destination.current())).toEqual(['127.18.0.2:8080', '127.18.0.3:8080']),
  )
  expect(endpoints.questions[0]).toMatchObject({ path: AUTHORITY, contextToken: CONTEXT })
  const resolution = destination.current()
  if (resolution.state !== 'resolved') throw new Error('not resolved')
  expect(resolution.endpoints[0]).toEqual({
    address: '127.18.0.2:8080',
    ip: '127.18.0.2',
    port: 8080,
    labels: { deployment: 'catalog', namespace: 'shop', pod: 'catalog-2', service: 'catalog' },
    tls: { serverName: 'catalog.shop', serverId: 'catalog.shop' },
    inboundPort: 4143,
    http2: false,
  })
  expect(Object.keys(resolution.endpoints[0]?.labels ?? {})).toEqual([
    'deployment',
    'namespace',
    'pod',
    'service',
  ])
  const route = resolution.routes?.match('GET', '/items/1')
  expect(route).toMatchObject({ name: 'GET item', isRetryable: true, timeoutMs: 1500 })
  expect([route?.isFailure(404), route?.isFailure(200)]).toEqual([true, null])
  expect(resolution.routes?.match('POST', '/items/1').name).toBe('')

  const changed = vi.fn()
  const unsubscribe = destination.subscribe(changed)
  endpoints.send(remove(2))
  await vi.waitFor(() => expect(addresses(destination.current())).toEqual(['127.18.0.3:8080']))
  endpoints.send(add(4))
  await vi.waitFor(() => expect(addresses(destination.current())).toHaveLength(2))
  endpoints.send(none(true))
  await vi.waitFor(() => expect(addresses(destination.current())).toEqual([]))
  expect(changed).toHaveBeenCalledTimes(3)
  unsubscribe()
  endpoints.send(none(false))
  await vi.waitFor(() => expect(destination.current().state).toBe('missing'))
  expect(changed).toHaveBeenCalledTimes(3)
  destination.release()
})

test('destination() tells a port that is opaque, and when it no longer is', async () => {
  const { discovery, profiles } = await start(
    () => add(2),
    () => create(DestinationProfileSchema, { opaqueProtocol: true }),
  )
  const destination = discovery.destination(AUTHORITY)
  await vi.waitFor(() => expect(destination.current()).toMatchObject({ isOpaque: true, routes: null }))
  profiles.send(create(DestinationProfileSchema, {}))
  await vi.waitFor(() => expect(destination.current()).toMatchObject({ isOpaque: false }))
  destination.release()
})

test('destination() keeps what it knows while the control plane is away, and replaces it after', async () => {
  let known = add(2, 3)
  const plane = await start(() => known)
  const destination = plane.discovery.destination(AUTHORITY)
  await vi.waitFor(() => expect(addresses(destination.current())).toHaveLength(2))
  await plane.server.close()
  await vi.waitFor(() => expect(hasEnded('endpoints')).toBe(true))
  expect(addresses(destination.current())).toHaveLength(2)
  known = add(4)
  await plane.restart()
  await vi.waitFor(() => expect(addresses(destination.current())).toEqual(['127.18.0.4:8080']), {
    timeout: 10_000,
  })
})

test('destination() is missing while there is no such service, and resolves once it is added', async () => {
  let answer: Update | ConnectError = new ConnectError('no such service', Code.NotFound)
  const { discovery } = await start(() => answer)
  const destination = discovery.destination(AUTHORITY)
  await vi.waitFor(() =>
    expect(destination.current()).toEqual({ state: 'missing', reason: 'no such service' }),
  )
  answer = add(2)
  await vi.waitFor(() => expect(addresses(destination.current())).toHaveLength(1), { timeout: 10_000 })
})

test('destination() asks no more, when the question itself is refused', async () => {
  const { discovery, endpoints, profiles } = await start(
    () => new ConnectError('no address', Code.InvalidArgument),
    () => profile('/'),
  )
  const destination = discovery.destination('1.2.3.4:80')
  await vi.waitFor(() => expect(destination.current().state).toBe('missing'))
  await vi.waitFor(() => expect(profiles.open).toBe(1))
  expect(endpoints.questions).toHaveLength(1)
})

test('destination() waits for the profile, so that no request goes out without its routes', async () => {
  const { discovery, endpoints, profiles } = await start(
    () => add(2),
    () => null,
  )
  const destination = discovery.destination(AUTHORITY)
  const told: (string | undefined)[] = []
  destination.subscribe(() => {
    const current = destination.current()
    told.push(current.state === 'resolved' ? current.routes?.authority : current.state)
  })
  await vi.waitFor(() => expect([endpoints.open, profiles.open]).toEqual([1, 1]))
  // The endpoints were sent before.
  profiles.send(profile('/'))
  await vi.waitFor(() => expect(told).toContain(AUTHORITY))
  expect(new Set(told)).toEqual(new Set([AUTHORITY]))
})

test('destination() does without a profile that does not come, and takes it when it does', async () => {
  const { discovery, profiles } = await start(
    () => add(2),
    () => null,
    { discoveryIdleTimeoutMs: 5000, profileTimeoutMs: 50 },
  )
  const destination = discovery.destination(AUTHORITY)
  await vi.waitFor(() => expect(destination.current()).toMatchObject({ state: 'resolved', routes: null }))
  profiles.send(profile('/'))
  await vi.waitFor(() => expect(destination.current()).toMatchObject({ routes: { authority: AUTHORITY } }))
})

test('release() stops the watch after the idle time, unless it is used again', async () => {
  const { discovery, endpoints, profiles } = await start(() => add(2), undefined, {
    discoveryIdleTimeoutMs: 100,
    profileTimeoutMs: 5000,
  })
  const first = discovery.destination(AUTHORITY)
  const second = discovery.destination(AUTHORITY)
  await vi.waitFor(() => expect(second.current().state).toBe('resolved'))
  first.release()
  first.release()
  second.release()
  const third = discovery.destination(AUTHORITY)
  expect(third.current().state).toBe('resolved')
  expect(endpoints.questions).toHaveLength(1)
  third.release()
  await vi.waitFor(() => expect([endpoints.open, profiles.open]).toEqual([0, 0]), { timeout: 5000 })
  const fourth = discovery.destination(AUTHORITY)
  expect(fourth.current().state).toBe('pending')
  await vi.waitFor(() => expect(fourth.current().state).toBe('resolved'))
})

test('destination() tells the budget and the split of the profile, without backends of no weight', async () => {
  const { discovery, profiles } = await start(
    () => add(2),
    () =>
      create(DestinationProfileSchema, {
        retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 5, ttl: { seconds: 20n } },
        dstOverrides: [
          { authority: 'v1.shop.svc.cluster.local:80', weight: 9000 },
          { authority: 'v2.shop.svc.cluster.local:80', weight: 0 },
        ],
      }),
  )
  const destination = discovery.destination(AUTHORITY)
  await vi.waitFor(() =>
    expect(destination.current()).toMatchObject({
      retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 5, ttlMs: 20_000 },
      split: [{ authority: 'v1.shop.svc.cluster.local:80', weight: 9000 }],
      routes: { authority: AUTHORITY },
    }),
  )
  profiles.send(
    create(DestinationProfileSchema, {
      retryBudget: { retryRatio: 0.2, minRetriesPerSecond: 5, ttl: { seconds: 90n } },
    }),
  )
  await vi.waitFor(() => expect(destination.current()).toMatchObject({ split: [], routes: null }))
  expect(destination.current()).not.toHaveProperty('retryBudget')
})
