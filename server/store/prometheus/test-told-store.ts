import { Registry } from 'prom-client'
import { ownerLabel } from '#lib/resources/kinds.ts'
import { noPolicyObjects } from '#lib/resources/policy-objects.ts'
import type { Platform } from '#server/platform/platform.ts'
import type { CellDelta, Delta } from '#server/store/delta.ts'
import { readStatusKey } from '#server/store/status-key.ts'
import type { CellKey, Store } from '#server/store/store.ts'
import type { PrometheusAccess } from './access.ts'
import { openPrometheusStore, type PrometheusStore, type PrometheusStoreOptions } from './prometheus-store.ts'
import type { TestPrometheus, WrittenSeries } from './test-prometheus.ts'

/** A platform that knows of nothing: whose series it is, their labels say. */
const emptyPlatform: Platform = {
  current: () => ({
    revision: 1,
    trustDomain: 'cluster.local',
    clusterDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
    namespaces: [],
    services: [],
    instances: [],
    profiles: [],
    splits: [],
    policies: noPolicyObjects,
  }),
  problem: () => null,
  subscribe: () => () => {},
  close: async () => {},
}

/** A store over the Prometheus at an address, of a platform that knows of nothing. */
export function openTestStore(url: URL, changed: Partial<PrometheusStoreOptions> = {}): PrometheusStore {
  const access: PrometheusAccess = {
    url,
    bearerTokenFile: undefined,
    basicAuthFile: undefined,
    headersFile: undefined,
    caFile: undefined,
    timeoutMs: 20_000,
  }
  return openPrometheusStore({
    access,
    match: '',
    platform: emptyPlatform,
    intervalMs: 5_000,
    registry: new Registry(),
    now: Date.now,
    log: () => {},
    ...changed,
  })
}

/** The counters of one proxy, as it would print them. */
interface Proxy {
  lastEndMs: number
  startedMs: number
  readonly counters: Map<string, { name: string; labels: Record<string, string>; value: number }>
}

let jobs = 0

/**
 * A store over a Prometheus that takes deltas: they become the counters of proxies, and what each scrape of these reads.
 * A delta that begins later than the one before ended is of a proxy that started again.
 */
export class ToldStore implements Store {
  readonly #prometheus: TestPrometheus
  readonly #store: PrometheusStore
  readonly #job: string
  readonly #proxies = new Map<string, Proxy>()
  #written: WrittenSeries[] = []
  #nowMs = 0

  constructor(prometheus: TestPrometheus, intervalMs: number) {
    this.#prometheus = prometheus
    this.#job = `job-${++jobs}`
    this.#store = openTestStore(prometheus.url, {
      match: `job="${this.#job}"`,
      intervalMs,
      now: () => this.#nowMs,
    })
  }

  append(delta: Delta): void {
    const { namespace, pod, startMs, endMs } = delta
    const id = `${namespace}/${pod}`
    this.#nowMs = Math.max(this.#nowMs, endMs)
    let proxy = this.#proxies.get(id)
    if (proxy === undefined || startMs > proxy.lastEndMs) {
      const isNew = proxy === undefined
      proxy = { lastEndMs: startMs, startedMs: startMs, counters: new Map() }
      this.#proxies.set(id, proxy)
      if (isNew && startMs < endMs) this.#read(proxy, { ...delta, cells: [] }, startMs)
    }
    for (const cell of delta.cells) count(proxy, cell)
    proxy.lastEndMs = endMs
    this.#read(proxy, delta, endMs)
  }

  /** Writes what was read, and has the store look at it. */
  async settle(): Promise<void> {
    await this.#flush()
    await this.#store.refresh()
  }

  async sum(question: Parameters<Store['sum']>[0]): ReturnType<Store['sum']> {
    if (this.#written.length > 0) await this.settle()
    return this.#store.sum(question)
  }

  get minimumWindowMs(): number {
    return this.#store.minimumWindowMs
  }

  get heardSinceMs(): number | null {
    return this.#store.heardSinceMs
  }

  readonly lostBeforeMs = null

  get gaps(): Store['gaps'] {
    return this.#store.gaps
  }

  get problem(): string | null {
    return this.#store.problem
  }

  lastCompleteSlotEndMs(nowMs: number): number | null {
    return this.#store.lastCompleteSlotEndMs(nowMs)
  }

  retained(nowMs: number): ReturnType<Store['retained']> {
    return this.#store.retained(nowMs)
  }

  stats(): ReturnType<Store['stats']> {
    return this.#store.stats()
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #read(proxy: Proxy, { namespace, pod, cells }: Delta, atMs: number): void {
    const workload = cells[0]?.key.name ?? pod.replace(/-\d+$/, '')
    const own = { job: this.#job, namespace, pod, deployment: workload }
    const sample = (name: string, labels: Readonly<Record<string, string>>, value: number) =>
      this.#written.push({ name, labels: { ...labels, ...own }, points: [[Math.round(atMs), value]] })
    sample('up', {}, 1)
    sample('process_start_time_seconds', {}, proxy.startedMs / 1_000)
    for (const { name, labels, value } of proxy.counters.values()) sample(name, labels, value)
  }

  async #flush(): Promise<void> {
    const written = this.#written
    this.#written = []
    for (let at = 0; at < written.length; at += 20_000)
      await this.#prometheus.write(written.slice(at, at + 20_000))
  }
}

/** Adds what a cell counted to the series that its proxy would count it with. */
function count(proxy: Proxy, cell: CellDelta): void {
  const { key } = cell
  const labels = labelsOf(key)
  const isRoute = key.view === 'route'
  const side = { ...labels, peer: key.direction === 'outbound' ? 'dst' : 'src' }
  const add = (name: string, more: Readonly<Record<string, string>>, by: number | undefined) => {
    if (by) counterOf(proxy, name, { ...labels, ...more }).value += by
  }
  const told = isRoute ? 'route_response_total' : 'response_total'
  for (const classification of ['success', 'failure'] as const) {
    if (cell.statuses === undefined) add(told, { classification }, cell[classification])
    const attempts = classification === 'success' ? cell.actualSuccess : cell.actualFailure
    add('route_actual_response_total', { classification }, attempts)
  }
  for (const [status, by] of cell.statuses ?? []) {
    const { classification, status: status_code, grpcStatus: grpc_status } = readStatusKey(status)
    add(told, { classification, status_code, grpc_status }, by)
  }
  add('inbound_http_authz_deny_total', {}, cell.denied)
  add('tcp_open_total', side, cell.tcpOpened)
  add('tcp_close_total', side, cell.tcpClosed)
  add('tcp_read_bytes_total', side, cell.readBytes)
  add('tcp_write_bytes_total', side, cell.writeBytes)
  if (cell.tcpOpen !== undefined) counterOf(proxy, 'tcp_open_connections', side).value = cell.tcpOpen
  if (cell.latency === undefined) return
  const family = isRoute ? 'route_response_latency_ms_bucket' : 'response_latency_ms_bucket'
  const { boundsMs, counts } = cell.latency
  let upTo = 0
  for (const [i, by] of counts.entries()) {
    upTo += by
    const le = i < boundsMs.length ? String(boundsMs[i]) : '+Inf'
    counterOf(proxy, family, { ...labels, le }).value += upTo
  }
}

function counterOf(proxy: Proxy, name: string, labels: Record<string, string>): { value: number } {
  const id = JSON.stringify([name, labels])
  const counter = proxy.counters.get(id) ?? { name, labels, value: 0 }
  proxy.counters.set(id, counter)
  return counter
}

/** The labels of a series of this cell. */
function labelsOf(key: CellKey): Record<string, string> {
  const { view, direction, route } = key
  if (view === 'route') return { direction, dst: key.authority, rt_route: route }
  const shared = {
    direction,
    authority: key.authority,
    target_port: key.port,
    ...(key.tls === 'true' ? { tls: 'true' } : { tls: 'false', no_tls_reason: key.tls }),
  }
  const [, service = ''] = key.service.split('/')
  if (view === 'outbound') {
    const owner =
      key.peerKind === '' || key.peerKind === 'pod' ? null : ownerLabel(key.peerKind as 'deployment')
    return {
      ...shared,
      server_id: key.peerId,
      dst_namespace: key.peerNamespace,
      dst_pod: key.peerPod,
      dst_service: service,
      ...(owner === null ? {} : { [`dst_${owner}`]: key.peerName }),
    }
  }
  const [srv_kind = '', srv_name = ''] = key.server.split('/')
  const [authz_kind = '', authz_name = ''] = key.authorization.split('/')
  const [route_kind = '', route_name = ''] = route.split('/')
  const policy = { srv_kind, srv_name, authz_kind, authz_name, route_kind, route_name }
  return { ...shared, client_id: key.peerId, ...policy }
}
