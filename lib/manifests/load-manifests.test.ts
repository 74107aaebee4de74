import { describe, expect, test } from 'vitest'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { loadManifests } from './load-manifests.ts'
import { formatProblem } from './problem.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}

function load(...texts: string[]): Omit<MeshState, 'revision'> {
  const loaded = loadManifests(
    texts.map((text, index) => ({ name: `mesh${index || ''}.yaml`, text })),
    settings,
  )
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return loaded.state
}

function problems(...texts: string[]): string[] {
  const loaded = loadManifests(
    texts.map((text, index) => ({ name: `mesh${index || ''}.yaml`, text })),
    settings,
  )
  return 'problems' in loaded ? loaded.problems.map(formatProblem) : []
}

const web = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  selector: { app: web }
  ports:
    - { name: http, port: 80, targetPort: http }
`

const webPod = `apiVersion: v1
kind: Pod
metadata:
  name: web-1
  namespace: shop
  creationTimestamp: "2024-01-01T00:00:00Z"
  labels:
    app: web
    linkerd.io/control-plane-ns: linkerd
    linkerd.io/proxy-deployment: web
  annotations: { config.linkerd.io/admin-port: "5191" }
spec:
  serviceAccountName: web
  nodeName: one
  containers:
    - name: app
      image: web:1
      ports: [{ name: http, containerPort: 8080 }]
status:
  phase: Running
  podIP: 127.18.0.2
`

describe('loadManifests()', () => {
  test('reads services and pods with their owner, identity and ports', () => {
    const state = load(`${web}---\n${webPod}`)
    expect(state.namespaces.map(({ name }) => name)).toEqual(['shop'])
    expect(state.services[0]?.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }])
    expect(state.instances[0]).toMatchObject({
      ip: '127.18.0.2',
      workload: { namespace: 'shop', kind: 'deployment', name: 'web' },
      meshed: true,
      identity: 'web.shop.serviceaccount.identity.linkerd.cluster.local',
      ports: [{ name: 'http', port: 8080 }],
      proxyPorts: { inbound: 4143, outbound: 4140, control: 4190, admin: 5191 },
    })
  })

  test('takes a pod without labels as its own owner, unmeshed, of the default service account', () => {
    const state = load('{apiVersion: v1, kind: Pod, metadata: {name: batch}, status: {podIP: 127.18.0.9}}')
    expect(state.instances[0]).toMatchObject({
      namespace: 'default',
      workload: { kind: 'pod', name: 'batch' },
      serviceAccount: 'default',
      meshed: false,
      identity: null,
    })
  })

  test('reads an external workload as always meshed', () => {
    const state = load(`apiVersion: workload.linkerd.io/v1beta1
kind: ExternalWorkload
metadata: { name: vm-1, namespace: shop, labels: { linkerd.io/proxy-statefulset: cache } }
spec:
  meshTLS: { identity: cache.shop.serviceaccount.identity.linkerd.cluster.local, serverName: cache.shop }
  ports: [{ port: 6379 }]
  workloadIPs: [{ ip: 127.18.0.7 }]
`)
    expect(state.instances[0]).toMatchObject({
      ip: '127.18.0.7',
      meshed: true,
      serviceAccount: 'cache',
      identity: 'cache.shop.serviceaccount.identity.linkerd.cluster.local',
      workload: { kind: 'statefulset', name: 'cache' },
    })
  })

  test('reads routes, classes and budgets of a ServiceProfile', () => {
    const state = load(
      web,
      `apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata: { name: web.shop.svc.cluster.local, namespace: shop }
spec:
  routes:
    - name: GET /api/users/{id}
      condition: { method: GET, pathRegex: '/api/users/[^/]*' }
      timeout: 300ms
      isRetryable: true
      responseClasses:
        - condition: { status: { min: 503 } }
          isFailure: true
        - condition: { not: { status: { min: 500, max: 599 } } }
    - name: the rest
      condition: { any: [{ method: POST }, { all: [{ method: PUT }] }] }
      timeout: 5s
  retryBudget: { retryRatio: 0.5, minRetriesPerSecond: 5, ttl: 15s }
  opaquePorts: ["6379", 3306]
`,
    )
    const [profile] = state.profiles
    expect(profile?.routes[0]).toEqual({
      name: 'GET /api/users/{id}',
      condition: { method: 'GET', pathRegex: '/api/users/[^/]*' },
      isRetryable: true,
      timeoutMs: 300,
      responseClasses: [
        { condition: { status: { min: 503, max: 503 } }, isFailure: true },
        { condition: { not: { status: { min: 500, max: 599 } } }, isFailure: false },
      ],
    })
    expect(profile?.routes[1]).toMatchObject({ timeoutMs: 5000, isRetryable: false })
    expect(profile?.retryBudget).toEqual({ retryRatio: 0.5, minRetriesPerSecond: 5, ttlMs: 15_000 })
    expect(profile?.opaquePorts).toEqual([6379, 3306])
  })

  test('reads weights of a TrafficSplit as quantities or numbers', () => {
    const service = (name: string): string =>
      `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: shop}, spec: {}}\n`
    const state = load(
      ['web', 'web-v1', 'web-v2'].map(service).join('---\n'),
      `apiVersion: split.smi-spec.io/v1alpha2
kind: TrafficSplit
metadata: { name: split, namespace: shop }
spec:
  service: web
  backends: [{ service: web-v1, weight: "900m" }, { service: web-v2, weight: 0.1 }]
`,
    )
    expect(state.splits[0]?.backends).toEqual([
      { service: 'web-v1', weight: 0.9 },
      { service: 'web-v2', weight: 0.1 },
    ])
  })

  test('takes the items of a List as objects', () => {
    const item = '{apiVersion: v1, kind: Namespace, metadata: {name: shop}}'
    expect(load(`{apiVersion: v1, kind: List, items: [${item}]}`).namespaces[0]?.name).toBe('shop')
    expect(problems(`{apiVersion: v1, kind: List, items: [${item}, {kind: Namespce}]}`)[0]).toMatch(
      /items\[1\]\.kind: expected one of .*; perhaps Namespace$/,
    )
  })

  test('leaves out pods that have ended', () => {
    expect(load(webPod.replace('Running', 'Succeeded')).instances).toEqual([])
  })
})
