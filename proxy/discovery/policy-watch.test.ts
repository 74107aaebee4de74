import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError } from '@connectrpc/connect'
import { expect, test, vi } from 'vitest'
import {
  Destination,
  DestinationProfileSchema,
  UpdateSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import {
  OutboundPolicies,
  type OutboundPolicy,
  OutboundPolicySchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { createControlChannel } from '#proxy/control/control-channel.ts'
import { startTestServer } from '#proxy/control/test-server.ts'
import { createLog } from '#proxy/log.ts'
import { createDiscovery } from './control-discovery.ts'

const AUTHORITY = 'catalog.shop.svc.cluster.local:80'
/** What proxies said of their watches. */
const lines: string[] = []
const log = createLog({ level: 'info', write: line => lines.push(line), nowMs: Date.now })
const hasEnded = (what: string) => lines.some(line => line.includes(`Watch of ${what} ended`))

const SERVICE = { group: 'core', kind: 'Service', namespace: 'shop', name: 'catalog', port: 80, section: '' }
const ROUTE = { group: '', kind: 'default', namespace: '', name: 'http', port: 0, section: '' }
const metadata = { kind: { case: 'resource' as const, value: SERVICE } }

const http = {
  failureAccrual: {
    kind: {
      case: 'consecutiveFailures' as const,
      value: {
        maxFailures: 3,
        backoff: { minBackoff: durationFromMs(200), maxBackoff: durationFromMs(2000), jitterRatio: 0.5 },
      },
    },
  },
  routes: [
    {
      metadata: { kind: { case: 'default' as const, value: 'http' } },
      rules: [
        {
          backends: {
            kind: { case: 'firstAvailable' as const, value: { backends: [{ backend: { metadata } }] } },
          },
          timeouts: { request: durationFromMs(1500), idle: durationFromMs(0) },
          retry: {
            maxRetries: 2,
            timeout: durationFromMs(400),
            conditions: { statusRanges: [{ start: 502, end: 504 }] },
          },
        },
      ],
    },
  ],
}

function once() {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return { promise, resolve: () => resolve() }
}

interface Serving {
  /** Until the control plane goes away. */
  readonly wait: () => Promise<void>
  /** Over the connection that the policy takes, too: what follows comes after. */
  readonly restTold: Promise<unknown>
}

/** A discovery whose control plane knows the service, says nothing in its profile, and answers for its policy as `watch` does. */
async function start(
  watch: (server: Serving, question: unknown) => AsyncGenerator<OutboundPolicy>,
  profileTimeoutMs: number,
) {
  const stop = new AbortController()
  const wait = () => new Promise<void>(resolve => stop.signal.addEventListener('abort', () => resolve()))
  const endpoints = once()
  const profile = once()
  const restTold = Promise.all([endpoints.promise, profile.promise])
  const server = await startTestServer(router => {
    router.service(Destination, {
      async *get() {
        yield create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists: true } } })
        endpoints.resolve()
        await wait()
      },
      async *getProfile() {
        yield create(DestinationProfileSchema, {})
        profile.resolve()
        await wait()
      },
    })
    router.service(OutboundPolicies, {
      get: () => ({}),
      watch: question => watch({ wait, restTold }, question),
    })
  })
  const channel = createControlChannel(server.address, () => null)
  const discovery = createDiscovery({
    config: { destinationContext: '', discoveryIdleTimeoutMs: 5000, profileTimeoutMs },
    channel,
    policies: { channel, workload: 'shop:web' },
    log,
    random: () => 0,
  })
  return {
    destination: discovery.destination(AUTHORITY),
    /** The control plane goes away. */
    leave: async () => {
      stop.abort()
      await server.close()
    },
    close: async () => {
      stop.abort()
      await discovery.close()
      channel.close()
      await server.close()
    },
  }
}

const told = create(OutboundPolicySchema, {
  metadata,
  protocol: { kind: { case: 'detect', value: { http1: http } } },
})

test('destination() tells the policy of the service once it comes, and keeps it while the control plane is away', async () => {
  const questions: unknown[] = []
  const { close, destination, leave } = await start(async function* ({ wait }, question) {
    questions.push(question)
    yield told
    await wait()
  }, 5000)
  try {
    const policy = {
      failureAccrual: { maxFailures: 3, minPenaltyMs: 200, maxPenaltyMs: 2000, jitterRatio: 0.5 },
      routes: [
        {
          hosts: [],
          rules: [
            {
              retry: { statuses: [{ min: 502, max: 504 }], maxRetries: 2, attemptTimeoutMs: 400 },
              requestTimeoutMs: 1500,
              responseTimeoutMs: null,
              idleTimeoutMs: null,
              backends: [
                { authority: null, weight: 1, labels: { parent: SERVICE, route: ROUTE, backend: SERVICE } },
              ],
            },
          ],
        },
      ],
    }
    await vi.waitFor(() => expect(destination.current()).toMatchObject({ state: 'resolved', policy }))
    expect(questions[0]).toMatchObject({
      sourceWorkload: 'shop:web',
      target: { case: 'authority', value: AUTHORITY },
    })
    await leave()
    await vi.waitFor(() => expect(hasEnded('policy')).toBe(true))
    expect(destination.current()).toMatchObject({ state: 'resolved', policy })
  } finally {
    await close()
  }
})

test('destination() waits for the first answer of the policy, so that no request goes out without it', async () => {
  const states: string[] = []
  const { close, destination } = await start(async function* ({ restTold, wait }) {
    await restTold
    yield told
    await wait()
  }, 60_000)
  destination.subscribe(() => {
    const resolution = destination.current()
    states.push(
      resolution.state === 'resolved' && resolution.policy !== undefined ? 'with policy' : resolution.state,
    )
  })
  try {
    await vi.waitFor(() => expect(states).toEqual(['with policy']))
  } finally {
    await close()
  }
})

test.each([
  [
    'is told that there is none',
    60_000,
    () => {
      throw new ConnectError('none', Code.NotFound)
    },
  ],
  [
    'hears nothing in time',
    20,
    async function* ({ wait }: Serving): AsyncGenerator<OutboundPolicy> {
      await wait()
      yield told
    },
  ],
  [
    'cannot reach whoever knows',
    20,
    () => {
      throw new ConnectError('away', Code.Unavailable)
    },
  ],
])('destination() does without a policy when it %s', async (_, timeoutMs, watch) => {
  const { close, destination } = await start(watch, timeoutMs)
  try {
    await vi.waitFor(() => expect(destination.current()).toMatchObject({ state: 'resolved', endpoints: [] }))
    expect(destination.current()).not.toHaveProperty('policy')
  } finally {
    await close()
  }
})
