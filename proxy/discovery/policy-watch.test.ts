import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError } from '@connectrpc/connect'
import { expect, test, vi } from 'vitest'
import { Destination, UpdateSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { OutboundPolicies, OutboundPolicySchema } from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { createControlChannel } from '#proxy/control/control-channel.ts'
import { startTestServer } from '#proxy/control/test-server.ts'
import { createLog } from '#proxy/log.ts'
import { createDiscovery } from './control-discovery.ts'

const AUTHORITY = 'catalog.shop.svc.cluster.local:80'
const log = createLog({ level: 'error', write: () => {}, nowMs: Date.now })

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

test('destination() tells the policy of the service once it comes, and keeps it while the control plane is away', async () => {
  const questions: unknown[] = []
  const stop = new AbortController()
  const wait = () => new Promise<void>(resolve => stop.signal.addEventListener('abort', () => resolve()))
  const server = await startTestServer(router => {
    router.service(Destination, {
      async *get() {
        yield create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists: true } } })
        await wait()
      },
      getProfile: () => {
        throw new ConnectError('none', Code.NotFound)
      },
    })
    router.service(OutboundPolicies, {
      get: () => ({}),
      async *watch(question) {
        questions.push(question)
        yield create(OutboundPolicySchema, {
          metadata,
          protocol: { kind: { case: 'detect', value: { http1: http } } },
        })
        await wait()
      },
    })
  })
  const channel = createControlChannel(server.address, () => null)
  const discovery = createDiscovery({
    config: { destinationContext: '', discoveryIdleTimeoutMs: 5000, profileTimeoutMs: 5000 },
    channel,
    policies: { channel, workload: 'shop:web' },
    log,
    random: () => 0,
  })
  try {
    const destination = discovery.destination(AUTHORITY)
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
    stop.abort()
    await server.close()
    expect(destination.current()).toMatchObject({ state: 'resolved', policy })
  } finally {
    stop.abort()
    await discovery.close()
    channel.close()
    await server.close()
  }
})
