import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import { defaultProxyPorts, type Instance, type MeshState, type Service } from '#lib/resources/mesh-state.ts'
import { noPolicyObjects } from '#lib/resources/policy-objects.ts'
import { MarkerStore } from '#server/markers/marker-store.ts'
import type { Platform } from '#server/platform/platform.ts'
import type { SelfFacts } from '#server/self/self-view.ts'
import type { CellDelta } from '#server/store/delta.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import type { CellKey, Store } from '#server/store/store.ts'
import type { TargetState, Targets } from '#server/store/targets.ts'
import type { Ground } from './ground.ts'

/** 2026-03-01T10:00:00Z */
const testStartMs = 1_772_359_200_000
export const testIntervalMs = 5_000

function instance(changed: Pick<Instance, 'name' | 'ip' | 'workload'> & Partial<Instance>): Instance {
  const { namespace, name } = changed.workload
  const meshed = changed.meshed ?? true
  return {
    namespace,
    serviceAccount: name,
    labels: { app: name },
    annotations: {},
    meshed,
    identity: meshed ? identityOf(namespace, name) : null,
    controlPlaneNamespace: meshed ? 'linkerd' : null,
    zone: null,
    ports: [{ name: 'http', port: 8080 }],
    proxyPorts: defaultProxyPorts,
    ...changed,
  }
}

export function identityOf(namespace: string, name: string): string {
  return `${name}.${namespace}.serviceaccount.identity.linkerd.cluster.local`
}

function service(namespace: string, name: string): Service {
  const ports = [{ name: 'http', port: 80, targetPort: 8080 }]
  return { namespace, name, clusterIp: null, selector: { app: name }, ports, annotations: {} }
}

const deployment = (name: string) => ({ namespace: 'shop', kind: 'deployment', name }) as const

const instances: readonly Instance[] = [
  instance({ name: 'web-0', ip: '127.18.0.2', workload: deployment('web') }),
  instance({ name: 'users-0', ip: '127.18.0.3', workload: deployment('users') }),
  instance({ name: 'catalog-0', ip: '127.18.0.4', workload: deployment('catalog') }),
  instance({ name: 'catalog-1', ip: '127.18.0.5', workload: deployment('catalog') }),
  instance({
    name: 'legacy-batch-0',
    ip: '127.18.1.2',
    workload: { namespace: 'batch', kind: 'cronjob', name: 'legacy-batch' },
    meshed: false,
  }),
]

/** A mesh of `web` → `catalog` (two pods) and `users`, and `legacy-batch` without a proxy. */
const testState: MeshState = {
  revision: 1,
  trustDomain: 'cluster.local',
  clusterDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
  namespaces: [
    { name: 'shop', annotations: {} },
    { name: 'batch', annotations: {} },
  ],
  services: [service('shop', 'users'), service('shop', 'catalog')],
  instances,
  profiles: [
    {
      namespace: 'shop',
      name: 'users.shop.svc.cluster.local',
      routes: [
        {
          name: 'GET /api/users',
          condition: { method: 'GET', pathRegex: '/api/users' },
          isRetryable: true,
          timeoutMs: 300,
          responseClasses: [],
        },
        {
          name: 'idle',
          condition: { method: 'PUT' },
          isRetryable: false,
          timeoutMs: null,
          responseClasses: [],
        },
      ],
      retryBudget: null,
      dstOverrides: [],
      opaquePorts: [],
    },
  ],
  splits: [],
  policies: noPolicyObjects,
}

/** A server that is well. */
const wellFacts: SelfFacts = {
  series: { used: 400, perProxy: 1_000, total: 10_000, refused: 0 },
  history: 'kept',
  disk: { path: '/data', freeBytes: 50 * 1_024 ** 3 },
  certificates: [{ name: 'The issuer', expiresAtMs: testStartMs + 300 * 86_400_000 }],
  clockMovedMs: 3,
  heap: { usedBytes: 100 * 1_024 ** 2, limitBytes: 2 * 1_024 ** 3 },
  loop: { p99Ms: 4, longestMs: 30 },
}

/** A store, a platform and targets to be filled by hand. Time stands still at `nowMs`. */
export interface TestMesh extends Ground {
  readonly store: Store
  /**
   * Appends one scrape of a pod that ended now; its cells are about the pod's workload. It counts what was in the last
   * interval, or in `coveredMs`: a first scrape covers nothing.
   */
  scrape(pod: string, cells: readonly TestCell[], coveredMs?: number): void
  /** Lets a scrape interval pass. */
  pass(): void
  /** Lets an interval pass and scrapes every pod once more, in vain: what was counted before is final then. */
  settle(): void
  /** Says that a round of scrapes is over. */
  endRound(): void
  /** Changes what the server finds of itself. */
  setSelf(changed: Partial<SelfFacts>): void
  /** Changes how a pod's target stands. */
  setTarget(pod: string, changed: Partial<TargetState>): void
}

export type TestCell = Omit<CellDelta, 'key'> & { readonly key: Partial<CellKey> & Pick<CellKey, 'view'> }

/**
 * A mesh around an empty store of `testIntervalMs`, in memory unless one is given; `changed` replaces parts of what the
 * platform says.
 */
export function createTestMesh(
  store: Store = createMemoryStore({ intervalMs: testIntervalMs }),
  changed: Partial<MeshState> = {},
): TestMesh {
  let atMs = testStartMs - 1_000
  const targets = new Map<string, TargetState>()
  for (const { meshed, namespace, name: pod, workload, ip } of instances) {
    if (!meshed) continue
    const metricsUrl = `http://${ip}:4191/metrics`
    targets.set(pod, {
      namespace,
      pod,
      workload,
      metricsUrl,
      state: 'up',
      lastScrapeAtMs: atMs,
      downSinceMs: null,
      scrapeMs: 3,
      samples: 100,
      error: null,
    })
  }
  let self: Partial<SelfFacts> = {}
  const listeners = new Set<() => void>()
  const state: MeshState = { ...testState, ...changed }
  const platform: Platform = {
    current: () => state,
    problem: () => null,
    subscribe: () => () => {},
    close: async () => {},
  }
  const targetsView: Targets = {
    list: () => [...targets.values()],
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const appendScrape: TestMesh['scrape'] = (pod, cells, coveredMs = testIntervalMs) => {
    const self = instances.find(({ name }) => name === pod)
    if (!self) throw new RangeError(`Cannot scrape ${pod}: no such pod`)
    const { namespace, workload } = self
    const filled = cells.map(cell => ({
      ...cell,
      key: { ...emptyKey, namespace, kind: workload.kind, name: workload.name, pod, ...cell.key },
    }))
    store.append({ namespace, pod, startMs: atMs - coveredMs, endMs: atMs, cells: filled })
  }
  return {
    store,
    platform,
    targets: targetsView,
    markers: new MarkerStore(),
    self: { facts: async () => ({ ...wellFacts, ...self }), numbers: async () => [] },
    nowMs: () => atMs,
    scrape: appendScrape,
    pass() {
      atMs += testIntervalMs
    },
    settle() {
      atMs += testIntervalMs
      for (const pod of targets.keys()) appendScrape(pod, [])
    },
    endRound() {
      for (const listener of listeners) listener()
    },
    setSelf(changed) {
      self = { ...self, ...changed }
    },
    setTarget(pod, changed) {
      const target = targets.get(pod)
      if (target) targets.set(pod, { ...target, ...changed })
    },
  }
}

const emptyKey: CellKey = {
  view: 'inbound',
  direction: 'inbound',
  namespace: '',
  kind: '',
  name: '',
  pod: '',
  peerNamespace: '',
  peerKind: '',
  peerName: '',
  peerPod: '',
  peerId: '',
  service: '',
  authority: '',
  port: '',
  route: '',
  server: '',
  authorization: '',
  tls: '',
}

/** The latency counts of so many responses in the bucket that ends at `boundMs`. */
export function latencyAt(boundMs: number, count: number): NonNullable<CellDelta['latency']> {
  const counts = linkerdLatencyBoundsMs.map(bound => (bound === boundMs ? count : 0))
  return { boundsMs: linkerdLatencyBoundsMs, counts: [...counts, 0] }
}

/** The outbound cell key of requests to a workload of `shop` through its service, with mTLS. */
export function toWorkload(name: string, changed: Partial<CellKey> = {}): TestCell['key'] {
  return {
    view: 'outbound',
    direction: 'outbound',
    peerNamespace: 'shop',
    peerKind: 'deployment',
    peerName: name,
    peerPod: `${name}-0`,
    peerId: identityOf('shop', name),
    service: `shop/${name}`,
    authority: `${name}.shop.svc.cluster.local:80`,
    tls: 'true',
    ...changed,
  }
}

/** The inbound cell key of requests from a workload of `shop`, with mTLS. */
export function fromWorkload(name: string): TestCell['key'] {
  return { view: 'inbound', peerId: identityOf('shop', name), tls: 'true', port: '8080' }
}

/**
 * Twelve scrapes of every pod: `web` sends 10 requests a scrape to `users` (one fails) and 4 to each pod of `catalog`;
 * `legacy-batch` sends 2 to `users` without TLS.
 */
export function runTestTraffic(mesh: TestMesh, scrapes = 12): void {
  for (let i = 0; i < scrapes; i++) {
    mesh.pass()
    mesh.scrape('web-0', [
      {
        key: toWorkload('users'),
        success: 9,
        failure: 1,
        latency: latencyAt(10, 10),
        tcpOpen: 1,
        readBytes: 50,
      },
      { key: toWorkload('catalog'), success: 4, latency: latencyAt(30, 4), tcpOpen: 1 },
      {
        key: toWorkload('catalog', { peerPod: 'catalog-1' }),
        success: 4,
        latency: latencyAt(30, 4),
        tcpOpen: 1,
      },
    ])
    mesh.scrape('users-0', [
      {
        key: fromWorkload('web'),
        success: 9,
        failure: 1,
        latency: latencyAt(10, 10),
        tcpOpen: 1,
        readBytes: 50,
      },
      { key: { view: 'inbound', tls: 'no_tls_from_remote' }, success: 2, latency: latencyAt(10, 2) },
      {
        key: { view: 'caller', peerId: '127.18.1.2', tls: 'no_tls_from_remote' },
        success: 2,
        latency: latencyAt(10, 2),
      },
    ])
    for (const pod of ['catalog-0', 'catalog-1']) {
      mesh.scrape(pod, [{ key: fromWorkload('web'), success: 4, latency: latencyAt(30, 4), tcpOpen: 1 }])
    }
  }
  mesh.settle()
}
