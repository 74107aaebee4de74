import { setMaxListeners } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toJson } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type DestinationProfile,
  DestinationProfileSchema,
  type Update,
  type WeightedAddr,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { startTestControl, type TestControl } from '#server/control/test-control.ts'
import { batchPod, batchService, mesh, webIdentity, webPod, webService } from '#server/control/test-mesh.ts'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import type { Platform } from '#server/platform/platform.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}
const web = 'web.shop.svc.cluster.local'

let folder: string
let platform: Platform
let control: TestControl
let streams: AbortController

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-destination-'))
  await edit(webService, webPod(1, 'a'), webPod(2, 'b'), batchService, batchPod)
  const opened = await openMeshFile({ ...settings, path: join(folder, 'mesh.yaml'), debounceMs: 10 })
  if ('problems' in opened) throw new Error(opened.problems.join('\n'))
  platform = opened.platform
  control = await startTestControl(platform)
  streams = new AbortController()
  setMaxListeners(0, streams.signal)
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

function watch(path: string, contextToken = ''): AsyncIterator<Update> {
  const { signal } = streams
  return control.destination.get({ path, contextToken }, { signal })[Symbol.asyncIterator]()
}

function watchProfile(path: string, contextToken = ''): AsyncIterator<DestinationProfile> {
  const { signal } = streams
  return control.destination.getProfile({ path, contextToken }, { signal })[Symbol.asyncIterator]()
}

async function next<T>(stream: AsyncIterator<T>): Promise<T> {
  const { value, done } = await stream.next()
  if (done) throw new Error('Cannot read the stream: it ended')
  return value as T
}

async function added(stream: AsyncIterator<Update>): Promise<WeightedAddr[]> {
  const { update } = await next(stream)
  if (update.case !== 'add') throw new Error(`Cannot read endpoints: found ${update.case}`)
  return update.value.addrs
}

function addressOf({ addr }: WeightedAddr): string {
  const ip = addr?.ip?.ip
  if (ip?.case !== 'ipv4') return '?'
  const bytes = [24, 16, 8, 0].map(shift => (ip.value >>> shift) & 0xff)
  return `${bytes.join('.')}:${addr?.port}`
}

async function refusal(stream: AsyncIterator<unknown>): Promise<string> {
  const error = await stream.next().then(
    () => null,
    (reason: unknown) => ConnectError.from(reason),
  )
  return error === null ? 'answered' : (Code[error.code] ?? '')
}

describe('Get', () => {
  test('answers the endpoints of a meshed service with labels, identity and how to connect', async () => {
    const stream = watch(`${web}:80`, JSON.stringify({ ns: 'shop', pod: 'web-1' }))
    const { update } = await next(stream)
    if (update.case !== 'add') throw new Error(`Cannot read endpoints: found ${update.case}`)
    expect(update.value.metricLabels).toEqual({ namespace: 'shop', service: 'web' })
    const [first, second] = update.value.addrs
    if (!first || !second) throw new Error('Cannot read endpoints: expected two')
    expect([addressOf(first), addressOf(second)]).toEqual(['127.18.0.1:8080', '127.18.0.2:8080'])
    expect(first.metricLabels).toEqual({
      pod: 'web-1',
      deployment: 'web',
      serviceaccount: 'web',
      control_plane_ns: 'linkerd',
      zone: 'a',
      zone_locality: 'local',
    })
    expect(second.metricLabels.zone_locality).toBe('remote')
    expect(first.weight).toBe(10_000)
    expect(first.tlsIdentity?.strategy).toMatchObject({
      case: 'dnsLikeIdentity',
      value: { name: webIdentity },
    })
    expect(first.protocolHint?.opaqueTransport?.inboundPort).toBe(4143)
    expect(first.protocolHint?.protocol.case).toBeUndefined()
  })

  test('answers unmeshed endpoints without an identity, a job by the label k8s_job', async () => {
    const [endpoint] = await added(watch('batch.batch.svc.cluster.local'))
    expect(endpoint && addressOf(endpoint)).toBe('127.18.1.1:9000')
    expect(endpoint?.tlsIdentity).toBeUndefined()
    expect(endpoint?.protocolHint?.opaqueTransport).toBeUndefined()
    expect(endpoint?.metricLabels).toEqual({
      pod: 'batch-1',
      k8s_job: 'nightly',
      serviceaccount: 'default',
      zone_locality: 'unknown',
    })
  })

  test('hints at opaque ports, and never at a proxy before its own admin port', async () => {
    const [postgres] = await added(watch(`${web}:5432`))
    expect(postgres?.protocolHint?.protocol.case).toBe('opaque')
    const [admin] = await added(watch(`${web}:4191`))
    expect(admin?.protocolHint?.opaqueTransport).toBeUndefined()
  })

  test('hints at HTTP/2 between proxies where it is asked for, and the port is not opaque', async () => {
    await control.close()
    control = await startTestControl(platform, { h2Upgrade: true })
    const [http] = await added(watch(`${web}:80`))
    expect(http?.protocolHint?.protocol.case).toBe('h2')
    const [postgres] = await added(watch(`${web}:5432`))
    expect(postgres?.protocolHint?.protocol.case).toBe('opaque')
    const [unmeshed] = await added(watch('batch.batch.svc.cluster.local'))
    expect(unmeshed?.protocolHint?.protocol.case).toBeUndefined()
  })

  test('refuses addresses, foreign names and unknown services', async () => {
    expect(await refusal(watch('127.18.0.1:80'))).toBe('InvalidArgument')
    expect(await refusal(watch('example.com:80'))).toBe('InvalidArgument')
    expect(await refusal(watch(`${web}:99999`))).toBe('InvalidArgument')
    expect(await refusal(watch(''))).toBe('InvalidArgument')
    expect(await refusal(watch('nobody.shop.svc.cluster.local:80'))).toBe('NotFound')
  })

  test('names one pod of a service when asked for it', async () => {
    const endpoints = await added(watch(`web-2.${web}:80`))
    expect(endpoints.map(addressOf)).toEqual(['127.18.0.2:8080'])
  })

  test('streams what an edit of the mesh file changed, and nothing else', async () => {
    const stream = watch(`${web}:80`)
    expect(await added(stream)).toHaveLength(2)
    await edit(webService, webPod(2, 'b'), webPod(3, 'b'), batchService, batchPod)
    expect((await added(stream)).map(addressOf)).toEqual(['127.18.0.3:8080'])
    const { update } = await next(stream)
    expect(update.case).toBe('remove')
    await edit(webService, webPod(2, 'c'), webPod(3, 'b'))
    expect((await added(stream)).map(addressOf)).toEqual(['127.18.0.2:8080'])
    await edit(webService)
    expect((await next(stream)).update).toMatchObject({ case: 'noEndpoints', value: { exists: true } })
    await edit(batchService)
    expect((await next(stream)).update).toMatchObject({ case: 'noEndpoints', value: { exists: false } })
    await edit(webService, webPod(1, 'a'))
    expect((await added(stream)).map(addressOf)).toEqual(['127.18.0.1:8080'])
  })

  test('ends a cancelled stream and goes on with the others', async () => {
    const cancelled = new AbortController()
    const one = control.destination
      .get({ path: `${web}:80` }, { signal: cancelled.signal })
      [Symbol.asyncIterator]()
    const other = watch(`${web}:80`)
    await added(one)
    await added(other)
    cancelled.abort()
    expect(await refusal(one)).toBe('Canceled')
    await edit(webService, webPod(1, 'a'), webPod(2, 'b'), webPod(3, 'b'))
    expect((await added(other)).map(addressOf)).toEqual(['127.18.0.3:8080'])
  })

  test('serves many watchers at once', async () => {
    const many = Array.from({ length: 200 }, () => watch(`${web}:80`))
    await Promise.all(many.map(added))
    await edit(webService, webPod(1, 'a'))
    const updates = await Promise.all(many.map(next))
    expect(new Set(updates.map(({ update }) => update.case))).toEqual(new Set(['remove']))
  })
})

describe('GetProfile', () => {
  const profile = (namespace: string, route: string): string => `apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: ${web}, namespace: ${namespace} }
spec:
  routes:
    - name: ${route}
      condition: { method: GET, pathRegex: '/api/users/[^/]*' }
      isRetryable: true
      timeout: 300ms
      responseClasses: [{ condition: { status: { min: 500, max: 599 } }, isFailure: true }]
  retryBudget: { retryRatio: 0.5, minRetriesPerSecond: 5, ttl: 15s }
`

  test('answers routes, budget and name, and the change of an edit', async () => {
    const stream = watchProfile(`${web}:80`)
    expect(toJson(DestinationProfileSchema, await next(stream))).toMatchObject({
      fullyQualifiedName: web,
      retryBudget: { minRetriesPerSecond: 10, ttl: '10s' },
    })
    await edit(webService, profile('shop', 'users'))
    expect(toJson(DestinationProfileSchema, await next(stream))).toMatchObject({
      routes: [
        {
          condition: {
            all: {
              matches: [{ path: { regex: '/api/users/[^/]*' } }, { method: { registered: 'GET' } }],
            },
          },
          responseClasses: [{ condition: { status: { min: 500, max: 599 } }, isFailure: true }],
          metricsLabels: { route: 'users' },
          isRetryable: true,
          timeout: '0.300s',
        },
      ],
      retryBudget: { retryRatio: 0.5, minRetriesPerSecond: 5, ttl: '15s' },
    })
  })

  test("prefers the profile of the client's namespace", async () => {
    await edit(webService, profile('shop', 'theirs'), profile('batch', 'mine'))
    const stream = (token: string) => watchProfile(`${web}:80`, token)
    const route = async (token: string): Promise<string | undefined> => {
      const watched = stream(token)
      for (;;) {
        const { routes } = await next(watched)
        if (routes.length > 0) return routes[0]?.metricsLabels.route
      }
    }
    expect(await route('{"ns":"batch","pod":"batch-1"}')).toBe('mine')
    expect(await route('{"ns":"shop"}')).toBe('theirs')
    expect(await route('not json')).toBe('theirs')
  })

  test('tells of opaque ports by profile, annotation and custom', async () => {
    const opaque = async (path: string): Promise<boolean> => (await next(watchProfile(path))).opaqueProtocol
    expect(await opaque(`${web}:80`)).toBe(false)
    expect(await opaque(`${web}:3306`)).toBe(true)
    await edit(
      webService.replace(
        'namespace: shop',
        'namespace: shop, annotations: { config.linkerd.io/opaque-ports: "80-90" }',
      ),
    )
    await expect.poll(() => opaque(`${web}:80`), { timeout: 5000 }).toBe(true)
    expect(await opaque(`${web}:3306`)).toBe(false)
    await edit(webService, `${profile('shop', 'all')}  opaquePorts: ["8081"]\n`)
    await expect.poll(() => opaque(`${web}:8081`), { timeout: 5000 }).toBe(true)
    expect(await opaque(`${web}:80`)).toBe(false)
  })

  test('answers the endpoint of an address, the service of a cluster address, and defaults for others', async () => {
    const endpoint = (await next(watchProfile('127.18.0.1:8080'))).endpoint
    expect(endpoint && addressOf(endpoint)).toBe('127.18.0.1:8080')
    expect(endpoint?.metricLabels.pod).toBe('web-1')
    expect((await next(watchProfile('10.96.0.1:80'))).fullyQualifiedName).toBe(web)
    const stranger = await next(watchProfile('192.0.2.1:80'))
    expect(stranger.endpoint).toBeUndefined()
    expect(stranger.retryBudget?.minRetriesPerSecond).toBe(10)
    expect(await refusal(watchProfile('example.com:80'))).toBe('InvalidArgument')
  })

  test('passes a TrafficSplit on as overrides, unless a ServiceProfile has its own', async () => {
    const v2 = webService.replace('name: web,', 'name: web-v2,').replace('10.96.0.1', '10.96.0.2')
    const split = `apiVersion: split.smi-spec.io/v1alpha2
kind: TrafficSplit
metadata: { name: canary, namespace: shop }
spec: { service: web, backends: [{ service: web, weight: "900m" }, { service: web-v2, weight: "100m" }] }
`
    await edit(webService, v2, split)
    const stream = watchProfile(`${web}:80`)
    let profiles = await next(stream)
    while (profiles.dstOverrides.length === 0) profiles = await next(stream)
    expect(profiles.dstOverrides.map(({ authority, weight }) => [authority, weight])).toEqual([
      [`${web}:80`, 900],
      ['web-v2.shop.svc.cluster.local:80', 100],
    ])
    const theirs = `  dstOverrides: [{ authority: web-v3.shop.svc.cluster.local:80, weight: 2 }]\n`
    await edit(webService, v2, split, profile('shop', 'all') + theirs)
    const authorities = () => profiles.dstOverrides.map(({ authority }) => authority)
    while (authorities()[0] !== 'web-v3.shop.svc.cluster.local:80') profiles = await next(stream)
    expect(authorities()).toHaveLength(1)
  })
})
