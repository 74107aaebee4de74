import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toJson } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Server, ServerSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { startTestControl, type TestControl } from '#server/control/test-control.ts'
import { mesh, webPod } from '#server/control/test-mesh.ts'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import type { Platform } from '#server/platform/platform.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}
const workload = JSON.stringify({ ns: 'shop', pod: 'web-1' })

let folder: string
let platform: Platform
let control: TestControl
let streams: AbortController

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-policy-'))
  await edit(webPod(1, 'a'))
  const opened = await openMeshFile({ ...settings, path: join(folder, 'mesh.yaml'), debounceMs: 10 })
  if ('problems' in opened) throw new Error(opened.problems.join('\n'))
  platform = opened.platform
  control = await startTestControl(platform)
  streams = new AbortController()
})
afterEach(async () => {
  streams.abort()
  await control.close()
  await platform.close()
  await rm(folder, { recursive: true, force: true })
})

function edit(...documents: string[]): Promise<void> {
  return writeFile(join(folder, 'mesh.yaml'), mesh(...documents))
}

const annotated = (policy: string): string =>
  webPod(1, 'a', `  annotations: { config.linkerd.io/default-inbound-policy: ${policy} }`)
const namespace = (policy: string): string => `apiVersion: v1
kind: Namespace
metadata: { name: shop, annotations: { config.linkerd.io/default-inbound-policy: ${policy} } }
`

function watch(port = 8080): AsyncIterator<Server> {
  const { signal } = streams
  return control.inbound.watchPort({ workload, port }, { signal })[Symbol.asyncIterator]()
}

async function next(stream: AsyncIterator<Server>): Promise<Server> {
  const { value, done } = await stream.next()
  if (done) throw new Error('Cannot read the stream: it ended')
  return value as Server
}

describe('WatchPort', () => {
  test('answers the default policy, with the labels that metrics carry', async () => {
    expect(toJson(ServerSchema, await next(watch()))).toEqual({
      protocol: { detect: { timeout: '10s' } },
      serverIps: [{ ipv4: (127 << 24) + (18 << 16) + 1 }],
      labels: { group: '', kind: 'default', name: 'all-unauthenticated' },
      authorizations: [
        {
          networks: [{ net: { ip: { ipv4: 0 } } }, { net: { ip: { ipv6: {} } } }],
          authentication: { unauthenticated: {} },
          labels: { group: '', kind: 'default', name: 'all-unauthenticated' },
          metadata: { default: 'all-unauthenticated' },
        },
      ],
    })
  })

  test('streams what annotations of the pod and its namespace say, the pod first', async () => {
    const stream = watch()
    expect((await next(stream)).labels.name).toBe('all-unauthenticated')
    await edit(namespace('all-authenticated'), webPod(1, 'a'))
    const authenticated = await next(stream)
    expect(authenticated.labels.name).toBe('all-authenticated')
    expect(authenticated.authorizations[0]?.authentication?.permit).toMatchObject({
      case: 'meshTLS',
      value: { clients: { case: 'identities', value: { identities: [], suffixes: [{ parts: [] }] } } },
    })
    await edit(namespace('all-authenticated'), annotated('deny'))
    const denied = await next(stream)
    expect(denied.labels.name).toBe('deny')
    expect(denied.authorizations).toEqual([])
    await edit(namespace('cluster-authenticated'), webPod(1, 'a'))
    const cluster = await next(stream)
    expect(cluster.labels.name).toBe('cluster-authenticated')
    expect(cluster.authorizations[0]?.networks.map(({ net }) => net?.prefixLen)).toEqual([
      8, 10, 12, 16, 8, 8,
    ])
  })

  test('streams what a Server and its authorizations say, until they are gone', async () => {
    const object = (kind: string, version: string, spec: string) => `apiVersion: policy.linkerd.io/${version}
kind: ${kind}
metadata: { name: web-http, namespace: shop }
spec: ${spec}
`
    const described = object('Server', 'v1beta3', '{podSelector: {}, port: 8080, proxyProtocol: HTTP/1}')
    const allowed = object(
      'ServerAuthorization',
      'v1beta1',
      '{server: {name: web-http}, client: {networks: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}], meshTLS: {serviceAccounts: [{name: traffic}]}}}',
    )
    const stream = watch()
    expect((await next(stream)).labels.kind).toBe('default')
    await edit(webPod(1, 'a'), described)
    const group = 'policy.linkerd.io'
    const refused = await next(stream)
    expect(refused.authorizations).toEqual([])
    expect(refused.labels).toEqual({ group, kind: 'server', name: 'web-http' })
    expect(refused.protocol?.kind.case).toBe('http1')
    await edit(webPod(1, 'a'), described, allowed)
    const [authorization] = (await next(stream)).authorizations
    expect(authorization).toMatchObject({
      labels: { group, kind: 'serverauthorization', name: 'web-http' },
      metadata: {
        kind: { case: 'resource', value: { group, kind: 'serverauthorization', name: 'web-http' } },
      },
      networks: [{ net: { prefixLen: 8 }, except: [{ prefixLen: 16 }] }],
    })
    const name = 'traffic.shop.serviceaccount.identity.linkerd.cluster.local'
    expect(authorization?.authentication?.permit).toMatchObject({
      case: 'meshTLS',
      value: { clients: { case: 'identities', value: { identities: [{ name }], suffixes: [] } } },
    })
    await edit(webPod(1, 'a'))
    expect((await next(stream)).labels.kind).toBe('default')
  })

  test('streams the HTTPRoutes of a Server with who may use them, and its rate limit', async () => {
    const object = (kind: string, version: string, name: string, spec: string) =>
      `apiVersion: policy.linkerd.io/${version}
kind: ${kind}
metadata: { name: ${name}, namespace: shop }
spec: ${spec}
`
    const target = (kind: string, name: string) => `{group: policy.linkerd.io, kind: ${kind}, name: ${name}}`
    const stream = watch()
    await next(stream)
    await edit(
      webPod(1, 'a'),
      object('Server', 'v1beta3', 'web-http', '{podSelector: {}, port: 8080, proxyProtocol: HTTP/1}'),
      object(
        'HTTPRoute',
        'v1beta3',
        'reads',
        `{parentRefs: [${target('Server', 'web-http')}], hostnames: ["*.shop"], rules: [{
          matches: [{path: {type: Exact, value: /a}, method: GET, headers: [{name: x-team, value: b}],
            queryParams: [{type: RegularExpression, name: page, value: "[0-9]+"}]}],
          filters: [{type: RequestHeaderModifier, requestHeaderModifier: {set: [{name: x-a, value: b}]}},
            {type: ResponseHeaderModifier, responseHeaderModifier: {remove: [x-b]}},
            {type: RequestRedirect, requestRedirect: {scheme: https, statusCode: 301}}]}]}`,
      ),
      object('HTTPRoute', 'v1beta3', 'unrelated', `{parentRefs: [${target('Server', 'other')}]}`),
      object('Server', 'v1beta3', 'other', '{podSelector: {}, port: 9999}'),
      object(
        'AuthorizationPolicy',
        'v1alpha1',
        'readers',
        `{targetRef: ${target('HTTPRoute', 'reads')}, requiredAuthenticationRefs: []}`,
      ),
      object(
        'HTTPLocalRateLimitPolicy',
        'v1alpha1',
        'calm',
        `{targetRef: ${target('Server', 'web-http')}, total: {requestsPerSecond: 9}, overrides:
          [{requestsPerSecond: 3, clientRefs: [{kind: ServiceAccount, name: traffic}]}]}`,
      ),
    )
    const { authorizations, protocol } = await next(stream)
    expect(authorizations).toEqual([])
    if (protocol?.kind.case !== 'http1') throw new Error(`Expected http1, got ${protocol?.kind.case}`)
    const { localRateLimit, routes } = protocol.kind.value
    expect(routes).toHaveLength(1)
    expect(routes[0]).toMatchObject({
      metadata: { kind: { value: { group: 'policy.linkerd.io', kind: 'httproute', name: 'reads' } } },
      hosts: [{ match: { case: 'suffix', value: { reverseLabels: ['shop'] } } }],
      authorizations: [{ labels: { kind: 'authorizationpolicy', name: 'readers' } }],
      rules: [
        {
          matches: [
            {
              path: { kind: { case: 'exact', value: '/a' } },
              headers: [{ name: 'x-team', value: { case: 'exact' } }],
              queryParams: [{ name: 'page', value: { case: 'regex', value: '[0-9]+' } }],
              method: { type: { case: 'registered', value: 0 } },
            },
          ],
          filters: [
            { kind: { case: 'requestHeaderModifier', value: { set: { headers: [{ name: 'x-a' }] } } } },
            { kind: { case: 'redirect', value: { status: 301 } } },
            { kind: { case: 'responseHeaderModifier', value: { remove: ['x-b'] } } },
          ],
        },
      ],
    })
    const name = 'traffic.shop.serviceaccount.identity.linkerd.cluster.local'
    expect(localRateLimit).toMatchObject({
      metadata: { kind: { value: { kind: 'httplocalratelimitpolicy', name: 'calm' } } },
      total: { requestsPerSecond: 9 },
      overrides: [{ limit: { requestsPerSecond: 3 }, clients: { identities: [{ name }] } }],
    })
    expect(localRateLimit?.identity).toBeUndefined()
  })

  test('streams the GRPCRoutes of a Server that speaks gRPC, and HTTPRoutes and the limit of one of HTTP/2', async () => {
    const server = (protocol: string) => `apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: { name: web, namespace: shop }
spec: { podSelector: {}, port: 8080, proxyProtocol: ${protocol} }
`
    const parent = 'parentRefs: [{ group: policy.linkerd.io, kind: Server, name: web }]'
    const routes = `apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: adds, namespace: shop }
spec:
  ${parent}
  rules: [{ matches: [{ method: { service: shop.Cart, method: Add } }] }]
---
apiVersion: policy.linkerd.io/v1beta3
kind: HTTPRoute
metadata: { name: reads, namespace: shop }
spec:
  ${parent}
  rules: [{ matches: [{ method: GET }] }]
---
apiVersion: policy.linkerd.io/v1alpha1
kind: HTTPLocalRateLimitPolicy
metadata: { name: calm, namespace: shop }
spec:
  targetRef: { group: policy.linkerd.io, kind: Server, name: web }
  total: { requestsPerSecond: 5 }
`
    await edit(webPod(1, 'a'), server('gRPC'), routes)
    const stream = watch()
    let kind = (await next(stream)).protocol?.kind
    while (kind?.case !== 'grpc') kind = (await next(stream)).protocol?.kind
    expect(
      kind.value.routes.map(({ metadata, rules }) => [metadata?.kind.value, rules[0]?.matches]),
    ).toMatchObject([
      [{ kind: 'grpcroute', name: 'adds' }, [{ rpc: { service: 'shop.Cart', method: 'Add' } }]],
    ])
    await edit(webPod(1, 'a'), server('HTTP/2'), routes)
    let changed = (await next(stream)).protocol?.kind
    while (changed?.case !== 'http2') changed = (await next(stream)).protocol?.kind
    expect(changed.value.routes).toMatchObject([{ metadata: { kind: { value: { name: 'reads' } } } }])
    expect(changed.value.localRateLimit?.total?.requestsPerSecond).toBe(5)
  })

  test('lets the platform’s probes in where no HTTPRoute says otherwise', async () => {
    const probed = webPod(1, 'a').replace(
      /containers: \[\{/,
      'containers: [{ livenessProbe: { httpGet: { path: "/live?full", port: 8080 } },',
    )
    const stream = watch()
    await next(stream)
    await edit(namespace('deny'), probed)
    const { protocol } = await next(stream)
    if (protocol?.kind.case !== 'detect') throw new Error(`Expected detect, got ${protocol?.kind.case}`)
    expect(protocol.kind.value.httpRoutes).toMatchObject([
      {
        metadata: { kind: { case: 'default', value: 'default' } },
        authorizations: [],
        rules: [{ matches: [] }],
      },
      {
        metadata: { kind: { case: 'default', value: 'probe' } },
        authorizations: [{ authentication: { permit: { case: 'unauthenticated' } } }],
        rules: [{ matches: [{ path: { kind: { case: 'exact', value: '/live' } } }] }],
      },
    ])
  })

  test('reads opaque ports as opaque', async () => {
    expect((await next(watch(5432))).protocol?.kind.case).toBe('opaque')
  })

  test('refuses workloads and ports that cannot be, and instances that are not', async () => {
    const refusal = async (name: string, port: number): Promise<string> => {
      const error = await control.inbound.getPort({ workload: name, port }).then(
        () => null,
        (reason: unknown) => ConnectError.from(reason),
      )
      return error === null ? 'answered' : (Code[error.code] ?? '')
    }
    expect(await refusal(workload, 8080)).toBe('answered')
    expect(await refusal('shop:web-1', 8080)).toBe('answered')
    expect(await refusal('', 8080)).toBe('InvalidArgument')
    expect(await refusal('{"ns":"shop"}', 8080)).toBe('InvalidArgument')
    expect(await refusal('{', 8080)).toBe('InvalidArgument')
    expect(await refusal(workload, 0)).toBe('InvalidArgument')
    expect(await refusal(workload, 65_536)).toBe('InvalidArgument')
    expect(await refusal('{"ns":"shop","pod":"web-9"}', 8080)).toBe('NotFound')
  })
})

describe('startControl()', () => {
  test('refuses a taken port and an unknown policy', async () => {
    const taken = control.control.ports.identity
    await expect(startTestControl(platform, { identityPort: taken })).rejects.toThrow(
      new RegExp(`^Cannot serve identity at 127\\.0\\.0\\.1:${taken}: .*EADDRINUSE`),
    )
    await expect(startTestControl(platform, { defaultInboundPolicy: 'banana' })).rejects.toThrow(
      /expected one of all-unauthenticated, .*, found banana$/,
    )
  })

  test('closes while streams are open, and twice', async () => {
    const stream = watch()
    await next(stream)
    await control.control.close()
    await control.control.close()
    await expect(stream.next()).rejects.toMatchObject({ code: Code.Unavailable })
  })
})
