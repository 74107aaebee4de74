import { afterEach, expect, test } from 'vitest'
import { noPolicyObjects, type PolicyObjects } from '#lib/resources/policy-objects.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import { createGolden } from './golden.ts'
import {
  createTestMesh,
  fromWorkload,
  identityOf,
  latencyAt,
  type TestMesh,
  testIntervalMs,
} from './test-mesh.ts'

const group = 'policy.linkerd.io'
const namespace = 'shop'
const server = { group, kind: 'Server', namespace, name: 'users-http' }
const route = { group, kind: 'HTTPRoute', namespace, name: 'reads' }
const account = (name: string) => ({ group: '', kind: 'ServiceAccount', namespace, name })
const policies: PolicyObjects = {
  ...noPolicyObjects,
  servers: [
    {
      namespace,
      name: 'users-http',
      labels: {},
      selects: 'pods',
      selector: { matchLabels: { app: 'users' }, matchExpressions: [] },
      port: 'http',
      proxyProtocol: 'HTTP/1',
      accessPolicy: 'deny',
    },
    {
      namespace,
      name: 'nothing',
      labels: {},
      selects: 'pods',
      selector: { matchLabels: { app: 'nothing' }, matchExpressions: [] },
      port: 9090,
      proxyProtocol: 'opaque',
      accessPolicy: 'all-unauthenticated',
    },
  ],
  authorizationPolicies: [
    { namespace, name: 'web-only', targetRef: server, requiredAuthenticationRefs: [account('web')] },
    { namespace, name: 'readers', targetRef: route, requiredAuthenticationRefs: [account('catalog')] },
  ],
  httpRoutes: [
    {
      group,
      namespace,
      name: 'reads',
      annotations: {},
      parentRefs: [{ ...server, port: null }],
      hostnames: [],
      rules: [],
    },
  ],
  rateLimits: [
    {
      namespace,
      name: 'calm',
      targetRef: server,
      totalRequestsPerSecond: 100,
      identityRequestsPerSecond: null,
      overrides: [],
    },
  ],
}

let mesh: TestMesh
afterEach(() => mesh.store.close())

async function start(withTraffic: boolean) {
  mesh = createTestMesh(createMemoryStore({ intervalMs: testIntervalMs }), { policies })
  mesh.pass()
  const own = { server: 'server/users-http', port: '8080' }
  const allowed = { ...fromWorkload('web'), ...own, authorization: 'authorizationpolicy/web-only' }
  const byRoute = { ...allowed, route: 'httproute/reads', tls: 'true' }
  mesh.scrape(
    'users-0',
    withTraffic
      ? [
          { key: allowed, success: 8, failure: 2, latency: latencyAt(10, 10) },
          { key: byRoute, success: 5 },
          { key: { view: 'inbound', ...own }, tcpOpen: 2 },
          {
            key: { view: 'denied', ...own, peerId: identityOf('shop', 'catalog'), tls: 'true' },
            denied: 5,
          },
          { key: { view: 'denied', ...own, peerId: '127.18.1.2', tls: 'no_tls_from_remote' }, denied: 10 },
          {
            key: { view: 'limited', ...own, peerId: identityOf('shop', 'web'), tls: 'true' },
            limited: 20,
            unrouted: 1,
          },
        ]
      : [],
  )
  mesh.scrape('catalog-0', [
    {
      key: {
        ...fromWorkload('web'),
        server: 'default/all-unauthenticated',
        authorization: 'default/all-unauthenticated',
      },
      success: 3,
    },
  ])
  mesh.settle()
  return createGolden(mesh)
}

test('policies tell who may use a port, who did, and who was refused and why', async () => {
  const golden = await start(true)
  const { coverage, rows } = await golden.ask('policies', { namespace: 'shop', window: '10s' })
  expect(rows.map(({ id }) => id)).toEqual([
    'shop/default/:8080',
    'shop/server/nothing:9090',
    'shop/server/users-http:8080',
  ])
  expect(coverage.expected).toBe(4)
  const [open, idle, users] = rows
  expect(users).toMatchObject({
    server: { kind: 'server', name: 'users-http' },
    protocol: 'HTTP/1',
    workloads: [{ kind: 'deployment', name: 'users' }],
    pods: { meshed: 1, total: 1 },
    routes: ['reads'],
    rateLimit: { name: 'calm', totalPerSecond: 100, identityPerSecond: null, overrides: 0 },
    allowed: { requests: 15 },
    tcp: { open: 2 },
    denied: { count: 15, perSecond: 3 },
    limited: { count: 20, perSecond: 4 },
    unrouted: { count: 1 },
  })
  expect(users?.waysIn).toMatchObject([
    {
      authorization: { kind: 'authorizationpolicy', name: 'web-only' },
      route: null,
      clients: [identityOf('shop', 'web')],
      golden: { requests: 10, successRate: 0.8 },
    },
    {
      authorization: { name: 'readers' },
      route: { kind: 'httproute', name: 'reads' },
      clients: [identityOf('shop', 'catalog')],
      golden: { requests: 0 },
    },
    { authorization: { name: 'web-only' }, route: { name: 'reads' }, golden: { requests: 5 } },
  ])
  expect(users?.refused).toMatchObject([
    { source: { kind: 'deployment', name: 'web' }, limited: 20, unrouted: 1, denied: 0 },
    {
      source: { kind: 'cronjob', name: 'legacy-batch' },
      client: '127.18.1.2',
      tls: 'no_tls_from_remote',
      denied: 10,
    },
    { source: { kind: 'deployment', name: 'catalog' }, client: identityOf('shop', 'catalog'), denied: 5 },
  ])
  expect(idle).toMatchObject({ pods: { total: 0 }, waysIn: [{ authorization: { kind: 'default' } }] })
  expect(open).toMatchObject({
    server: { kind: 'default', name: 'all-unauthenticated' },
    workloads: [{ name: 'catalog' }, { name: 'web' }],
    waysIn: [{ clients: ['anyone'], golden: { requests: 3 } }],
  })
})

test('policies of one workload are those of its ports, without numbers where no proxy told any', async () => {
  const golden = await start(false)
  const { rows } = await golden.ask('policies', {
    resource: 'deploy/users',
    namespace: 'shop',
    window: '10s',
  })
  expect(rows).toMatchObject([
    { id: 'shop/server/users-http:8080', allowed: { requests: 0 }, denied: { count: 0 } },
  ])
  const legacy = await golden.ask('policies', { namespace: 'batch', window: '10s' })
  expect(legacy.rows).toMatchObject([
    { pods: { meshed: 0, total: 1 }, allowed: { requests: null }, denied: { count: null } },
  ])
  await expect(golden.ask('policies', { resource: 'deploy/none' })).rejects.toThrow('Unknown deployment')
})
