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

describe('OutboundPolicies', () => {
  test('answers Unimplemented, so that proxies turn to the profile', async () => {
    await expect(control.outbound.get({ sourceWorkload: workload })).rejects.toMatchObject({
      code: Code.Unimplemented,
    })
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
