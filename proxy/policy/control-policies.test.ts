import { create } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterEach, expect, test, vi } from 'vitest'
import {
  type PortSpec,
  type Server,
  ServerSchema,
  InboundServerPolicies as Service,
} from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { authorize } from '#lib/policy/authorize.ts'
import { createControlChannel } from '#proxy/control/control-channel.ts'
import { startTestServer } from '#proxy/control/test-server.ts'
import { createLog } from '#proxy/log.ts'
import { createInboundPolicies } from './control-policies.ts'
import type { InboundPolicies } from './inbound-policies.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const authenticated: Server = create(ServerSchema, {
  protocol: { kind: { case: 'http1', value: {} } },
  labels: { group: 'policy.linkerd.io', kind: 'server', name: 'web-http' },
  authorizations: [
    {
      networks: [{ net: { ip: { ip: { case: 'ipv4', value: 0x7f000000 } }, prefixLen: 8 } }],
      authentication: {
        permit: {
          case: 'meshTLS',
          value: {
            clients: {
              case: 'identities',
              value: { identities: [{ name: 'web.shop' }], suffixes: [{ parts: ['batch', 'mesh'] }] },
            },
          },
        },
      },
      metadata: {
        kind: {
          case: 'resource',
          value: { group: 'policy.linkerd.io', kind: 'authorizationpolicy', name: 'web' },
        },
      },
    },
  ],
})

async function start(
  answer: (spec: PortSpec) => Server,
  config: { inboundPorts?: number[]; appPorts?: number[]; inboundIps?: string[] } = {},
): Promise<{ policies: InboundPolicies; asked: PortSpec[]; lines: string[]; leave: () => Promise<void> }> {
  const asked: PortSpec[] = []
  const server = await startTestServer(router =>
    router.service(Service, {
      async *watchPort(spec, { signal }) {
        asked.push(spec)
        yield answer(spec)
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
      },
    }),
  )
  const channel = createControlChannel(server.address, () => null)
  const lines: string[] = []
  const policies = createInboundPolicies({
    config: {
      inboundDefaultPolicy: 'all-unauthenticated',
      clusterNetworks: [],
      inboundDetectTimeoutMs: 10_000,
      inboundPorts: [],
      appPorts: [],
      inboundIps: ['127.18.0.2'],
      inboundListen: { host: '127.18.0.2', port: 4143 },
      policy: { ...server.address, workload: 'shop:web-1' },
      ...config,
    },
    channel,
    log: createLog({ level: 'info', write: line => lines.push(line), nowMs: Date.now }),
    random: () => 0,
  })
  closers.push(
    () => server.close(),
    async () => {
      await policies.close()
      channel.close()
    },
  )
  return { policies, asked, lines, leave: () => server.close() }
}

test('createInboundPolicies() watches the configured ports and the first app port at once', async () => {
  const { asked } = await start(() => authenticated, { inboundPorts: [8080, 9090], appPorts: [8080, 7070] })
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  expect(new Set(asked.map(({ port }) => port))).toEqual(new Set([8080, 9090]))
  expect(asked[0]?.workload).toBe('shop:web-1')
})

test('forPort() answers the default policy, then what the control plane says', async () => {
  const { policies } = await start(() => authenticated)
  const changed = vi.fn()
  policies.subscribe(changed)
  expect(policies.forPort(8080).server.name).toBe('all-unauthenticated')
  await vi.waitFor(() => expect(policies.forPort(8080).server.name).toBe('web-http'))
  expect(changed.mock.calls).toEqual([[8080]])
  const policy = policies.forPort(8080)
  expect(policy.protocol).toBe('http1')
  const letsIn = (ip: string, clientId: string | null): string | null => {
    const tls =
      clientId === null ? ({ kind: 'none', reason: '' } as const) : ({ kind: 'mesh', clientId } as const)
    return authorize(policy, { ip, tls })?.ref.name ?? null
  }
  expect(letsIn('127.18.0.3', 'web.shop')).toBe('web')
  expect(letsIn('127.18.0.3', 'scraper.batch.mesh')).toBe('web')
  expect(letsIn('127.18.0.3', 'users.shop')).toBeNull()
  expect(letsIn('127.18.0.3', null)).toBeNull()
  expect(letsIn('10.0.0.1', 'web.shop')).toBeNull()
  expect(letsIn('127.0.0.1', null)).toBeNull()
  expect(letsIn('127.18.0.2', null)).toBe('localhost')
})

test.each([
  ['127.0.0.1', null],
  ['10.1.2.3', 'localhost'],
])('forPort() of an instance at %s lets 127.0.0.1 in by %j', async (ip, name) => {
  const { policies } = await start(() => authenticated, { inboundIps: [ip] })
  policies.forPort(8080)
  await vi.waitFor(() => expect(policies.forPort(8080).server.name).toBe('web-http'))
  const client = { ip: '127.0.0.1', tls: { kind: 'none' as const, reason: '' } }
  expect(authorize(policies.forPort(8080), client)?.ref.name ?? null).toBe(name)
})

test.each([
  [Code.NotFound, 'again'],
  [Code.InvalidArgument, 'no more'],
])('forPort() stays with the default policy at code %d, and is asked %s', async (code, again) => {
  let isKnown = false
  const { policies, asked } = await start(() => {
    if (!isKnown) throw new ConnectError('unknown workload', code)
    return authenticated
  })
  policies.forPort(8080)
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0))
  expect(policies.forPort(8080).server.name).toBe('all-unauthenticated')
  isKnown = true
  if (again === 'again') await vi.waitFor(() => expect(policies.forPort(8080).server.name).toBe('web-http'))
  else expect(asked).toHaveLength(1)
})

test('forPort() keeps what it was told while the control plane is away', async () => {
  const { leave, lines, policies } = await start(() => authenticated)
  policies.forPort(8080)
  await vi.waitFor(() => expect(policies.forPort(8080).server.name).toBe('web-http'))
  await leave()
  const ended = () => lines.filter(line => line.includes('Watch of port policy ended'))
  await vi.waitFor(() => expect(ended()).not.toEqual([]))
  expect(policies.forPort(8080).server.name).toBe('web-http')
})

test('forPort() is closed to everyone beyond the ports that can be watched', async () => {
  const { policies } = await start(() => authenticated)
  for (let port = 1; port <= 512; port++) policies.forPort(port)
  expect(policies.forPort(513).server.name).toBe('deny')
})
