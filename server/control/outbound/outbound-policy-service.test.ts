import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toJson } from '@bufbuild/protobuf'
import { Code } from '@connectrpc/connect'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type OutboundPolicy, OutboundPolicySchema } from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { startTestControl, type TestControl } from '#server/control/test-control.ts'
import { mesh, webService } from '#server/control/test-mesh.ts'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import type { Platform } from '#server/platform/platform.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}
const authority = 'web.shop.svc.cluster.local:80'
const target = { case: 'authority' as const, value: authority }

let folder: string
let platform: Platform
let control: TestControl

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-outbound-'))
  await edit({})
  const opened = await openMeshFile({ ...settings, path: join(folder, 'mesh.yaml'), debounceMs: 10 })
  if ('problems' in opened) throw new Error(opened.problems.join('\n'))
  platform = opened.platform
  control = await startTestControl(platform)
})
afterEach(async () => {
  await control.close()
  await platform.close()
  await rm(folder, { recursive: true, force: true })
})

function edit(annotations: Readonly<Record<string, string>>, ...more: string[]): Promise<void> {
  const metadata = `metadata: { name: web, namespace: shop, annotations: ${JSON.stringify(annotations)} }`
  const service = webService.replace('metadata: { name: web, namespace: shop }', metadata)
  return writeFile(join(folder, 'mesh.yaml'), mesh(service, ...more))
}

const read = (policy: OutboundPolicy): unknown => toJson(OutboundPolicySchema, policy)

test('get() answers one route to the service, with all that proxies demand', async () => {
  const backend = {
    metadata: { resource: { group: 'core', kind: 'Service', name: 'web', namespace: 'shop', port: 80 } },
    queue: { capacity: 100, failfastTimeout: '3s' },
    balancer: {
      discovery: { dst: { path: authority } },
      peakEwma: { defaultRtt: '0.030s', decay: '10s' },
    },
  }
  const backends = { firstAvailable: { backends: [{ backend }] } }
  const http = { routes: [{ metadata: { default: 'http' }, rules: [{ backends, timeouts: {} }] }] }
  const opaque = { routes: [{ metadata: { default: 'opaque' }, rules: [{ backends }] }] }
  const { metadata } = backend
  expect(read(await control.outbound.get({ target }))).toEqual({
    metadata,
    protocol: { detect: { timeout: '10s', opaque, http1: http, http2: http } },
  })
  const addr = { ip: { ip: { case: 'ipv4' as const, value: 0x0a600001 } }, port: 80 }
  const byAddress = await control.outbound.get({ target: { case: 'addr', value: addr } })
  expect(read(byAddress)).toMatchObject({ metadata })
})

test('watch() tells what the annotations ask, and the change of an edit', async () => {
  const stop = new AbortController()
  const stream = control.outbound.watch({ target }, { signal: stop.signal })[Symbol.asyncIterator]()
  await stream.next()
  await edit({
    'balancer.linkerd.io/failure-accrual': 'consecutive',
    'retry.linkerd.io/http': 'gateway-error',
    'retry.linkerd.io/timeout': '400ms',
    'timeout.linkerd.io/request': '2s',
  })
  const { value } = await stream.next()
  expect(read(value)).toMatchObject({
    protocol: {
      detect: {
        http1: {
          failureAccrual: {
            consecutiveFailures: {
              maxFailures: 7,
              backoff: { minBackoff: '1s', maxBackoff: '60s', jitterRatio: 0.5 },
            },
          },
          routes: [
            {
              rules: [
                {
                  timeouts: { request: '2s' },
                  retry: {
                    maxRetries: 1,
                    maxRequestBytes: 65_536,
                    timeout: '0.400s',
                    conditions: { statusRanges: [{ start: 502, end: 504 }] },
                    backoff: { minBackoff: '0.025s', maxBackoff: '0.250s', jitterRatio: 1 },
                  },
                },
              ],
            },
          ],
        },
      },
    },
  })
  stop.abort()
})

test('watch() tells the routes of the service, of the client before its own', async () => {
  const route = (namespace: string, rules: string, port = 80) => `apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: reads, namespace: ${namespace}, annotations: { retry.linkerd.io/http: 5xx } }
spec:
  parentRefs: [{ group: core, kind: Service, name: web, namespace: shop, port: ${port} }]
  hostnames: ["*.shop"]
  rules: ${rules}
`
  const stop = new AbortController()
  const stream = control.outbound.watch({ target }, { signal: stop.signal })[Symbol.asyncIterator]()
  await stream.next()
  const backend = (port: number, weight: number) =>
    `{ name: web, port: ${port}, weight: ${weight}, filters: [${responses}] }`
  const responses = '{ type: ResponseHeaderModifier, responseHeaderModifier: { remove: [x-old] } }'
  const requests = '{ type: RequestHeaderModifier, requestHeaderModifier: { set: [{ name: a, value: b }] } }'
  const ours = `[{ matches: [{ path: { value: /a } }], filters: [${requests}, ${responses}], timeouts: { request: 2s, backendRequest: 1s },
    backendRefs: [${backend(80, 9)}, ${backend(5432, 1)}] }]`
  await edit({ 'timeout.linkerd.io/request': '7s' }, route('shop', ours), route('batch', '[{}]'))
  const { value } = await stream.next()
  const headers = { headers: [{ name: 'a', value: 'Yg==' }] }
  const to = (port: number, weight: number) => ({
    weight,
    backend: {
      requestTimeout: '1s',
      filters: [{ responseHeaderModifier: { remove: ['x-old'] } }],
      backend: { balancer: { discovery: { dst: { path: `web.shop.svc.cluster.local:${port}` } } } },
    },
  })
  expect(read(value)).toMatchObject({
    protocol: {
      detect: {
        http1: {
          routes: [
            {
              metadata: {
                resource: {
                  group: 'gateway.networking.k8s.io',
                  kind: 'HTTPRoute',
                  namespace: 'shop',
                  name: 'reads',
                },
              },
              hosts: [{ suffix: { reverseLabels: ['shop'] } }],
              rules: [
                {
                  matches: [{ path: { prefix: '/a' } }],
                  filters: [
                    { requestHeaderModifier: { set: headers } },
                    { responseHeaderModifier: { remove: ['x-old'] } },
                  ],
                  backends: { randomAvailable: { backends: [to(80, 9), to(5432, 1)] } },
                  timeouts: { request: '2s' },
                  retry: { conditions: { statusRanges: [{ start: 500, end: 599 }] } },
                },
              ],
            },
          ],
        },
      },
    },
  })
  stop.abort()
  const consumer = await control.outbound.get({ target, sourceWorkload: 'batch:batch-1' })
  expect(read(consumer)).toMatchObject({
    protocol: {
      detect: {
        http1: {
          routes: [
            {
              metadata: { resource: { namespace: 'batch' } },
              rules: [
                {
                  backends: { firstAvailable: { backends: [{ backend: { queue: {} } }] } },
                  timeouts: { request: '7s' },
                },
              ],
            },
          ],
        },
      },
    },
  })
  const otherPort = 'web.shop.svc.cluster.local:5432'
  const other = await control.outbound.get({ target: { case: 'authority', value: otherPort } })
  expect(read(other)).toMatchObject({
    protocol: { detect: { http1: { routes: [{ metadata: { default: 'http' } }] } } },
  })
})

test('get() tells the GRPCRoutes of a service, with their own conditions of retries', async () => {
  const route = `apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: adds, namespace: shop, annotations: { retry.linkerd.io/grpc: "unavailable,deadline-exceeded" } }
spec:
  parentRefs: [{ group: core, kind: Service, name: web }]
  rules: [{ matches: [{ method: { service: shop.Cart, method: Add } }], backendRefs: [{ name: web, port: 5432 }],
    filters: [{ type: RequestHeaderModifier, requestHeaderModifier: { remove: [x-old] } }] }]
`
  const stop = new AbortController()
  const stream = control.outbound.watch({ target }, { signal: stop.signal })[Symbol.asyncIterator]()
  await stream.next()
  await edit({ 'timeout.linkerd.io/idle': '3s', 'balancer.linkerd.io/failure-accrual': 'consecutive' }, route)
  const { value } = await stream.next()
  stop.abort()
  expect(read(value)).toMatchObject({
    protocol: {
      grpc: {
        failureAccrual: { consecutiveFailures: { maxFailures: 7 } },
        routes: [
          {
            metadata: { resource: { kind: 'GRPCRoute', name: 'adds' } },
            rules: [
              {
                matches: [{ rpc: { service: 'shop.Cart', method: 'Add' } }],
                filters: [{ requestHeaderModifier: { remove: ['x-old'] } }],
                backends: {
                  randomAvailable: { backends: [{ weight: 1, backend: { backend: { queue: {} } } }] },
                },
                timeouts: { idle: '3s' },
                retry: { maxRetries: 1, conditions: { unavailable: true, deadineExceeded: true } },
              },
            ],
          },
        ],
      },
    },
  })
})

test('get() lets clients ask by headers only where that is asked for', async () => {
  expect(JSON.stringify(read(await control.outbound.get({ target })))).not.toContain('allowL5dRequestHeaders')
  const allowing = await startTestControl(platform, { l5dRequestHeaders: true })
  try {
    const rules = [{ allowL5dRequestHeaders: true }]
    expect(read(await allowing.outbound.get({ target }))).toMatchObject({
      protocol: { detect: { http1: { routes: [{ rules }] }, http2: { routes: [{ rules }] } } },
    })
  } finally {
    await allowing.close()
  }
})

test('get() refuses what is no service, and what it cannot read', async () => {
  const refusal = (value: string) => control.outbound.get({ target: { case: 'authority', value } })
  await expect(refusal('nobody.shop.svc.cluster.local:80')).rejects.toMatchObject({ code: Code.NotFound })
  await expect(refusal('example.com:80')).rejects.toMatchObject({ code: Code.InvalidArgument })
  await expect(control.outbound.get({})).rejects.toMatchObject({ code: Code.InvalidArgument })
})
