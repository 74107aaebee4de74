import { numberOf, type Series } from '#lib/metrics/sample-line.ts'
import { ownerKinds, ownerLabel } from '#lib/resources/kinds.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { statusKey } from './status-key.ts'
import type { CellKey, Dimension, View } from './store.ts'

/** What a counter adds to. */
export type CounterField =
  | 'success'
  | 'failure'
  | 'actualSuccess'
  | 'actualFailure'
  | 'denied'
  | 'limited'
  | 'unrouted'
  | 'tcpOpened'
  | 'tcpClosed'
  | 'readBytes'
  | 'writeBytes'

/** What one series means for a cell. */
export type SeriesMeaning =
  | {
      readonly kind: 'counter'
      readonly key: CellKey
      readonly field: CounterField
      /** The `statusKey` of the responses counted; `null` for counters of anything else. */
      readonly status: string | null
    }
  | { readonly kind: 'open'; readonly key: CellKey }
  | { readonly kind: 'bucket'; readonly key: CellKey; readonly le: number }
  | { readonly kind: 'processStart' }

/** The instance whose proxy printed a series. */
export type Scraped = Pick<Instance, 'namespace' | 'name' | 'workload' | 'proxyPorts'>

type Labels = ReadonlyMap<string, string>
type KeyOf = (labels: Labels, instance: Scraped) => CellKey | null

/** How a family is read. `countsAs` gives the field a counter's increase goes to. */
type Family =
  | {
      readonly kind: 'counter'
      readonly keyOf: KeyOf
      readonly countsAs: (labels: Labels) => CounterField | null
    }
  | { readonly kind: 'bucket' | 'open'; readonly keyOf: KeyOf }
  | { readonly kind: 'processStart' }

/** Takes the requests of ports that no HTTPRoute is about. */
const DEFAULT_ROUTE = 'default/default'
const classified = (labels: Labels) => byClass(labels, 'success', 'failure')
const attempts = (labels: Labels) => byClass(labels, 'actualSuccess', 'actualFailure')
const counter = (keyOf: KeyOf, countsAs: (labels: Labels) => CounterField | null): Family => ({
  kind: 'counter',
  keyOf,
  countsAs,
})

const families: Readonly<Record<string, Family>> = {
  response_total: counter(requestKey, classified),
  response_latency_ms_bucket: { kind: 'bucket', keyOf: requestKey },
  route_response_total: counter(routeKey, classified),
  route_response_latency_ms_bucket: { kind: 'bucket', keyOf: routeKey },
  route_actual_response_total: counter(routeKey, attempts),
  tcp_open_total: counter(transportKey, () => 'tcpOpened'),
  tcp_close_total: counter(transportKey, () => 'tcpClosed'),
  tcp_open_connections: { kind: 'open', keyOf: transportKey },
  tcp_read_bytes_total: counter(transportKey, () => 'readBytes'),
  tcp_write_bytes_total: counter(transportKey, () => 'writeBytes'),
  meshscope_inbound_client_response_total: counter(callerKey, classified),
  meshscope_inbound_client_response_latency_ms_bucket: { kind: 'bucket', keyOf: callerKey },
  meshscope_inbound_client_tcp_open_total: counter(callerKey, () => 'tcpOpened'),
  meshscope_inbound_client_tcp_read_bytes_total: counter(callerKey, () => 'readBytes'),
  meshscope_inbound_client_tcp_write_bytes_total: counter(callerKey, () => 'writeBytes'),
  meshscope_inbound_client_denied_total: counter(deniedKey, () => 'denied'),
  meshscope_inbound_client_limited_total: counter(limitedKey, () => 'limited'),
  meshscope_inbound_client_unrouted_total: counter(limitedKey, () => 'unrouted'),
  inbound_http_authz_deny_total: counter(deniedKey, () => 'denied'),
  inbound_tcp_authz_deny_total: counter(deniedKey, () => 'denied'),
  inbound_tcp_authz_terminate_total: counter(deniedKey, () => 'denied'),
  inbound_http_local_ratelimit_total: counter(limitedKey, () => 'limited'),
  inbound_http_route_not_found_total: counter(limitedKey, () => 'unrouted'),
  process_start_time_seconds: { kind: 'processStart' },
}

/** The start of the families that name the addresses of callers, which those of linkerd2-proxy cannot. */
export const clientFamilies = 'meshscope_inbound_client_'

const viewsOf: ReadonlyMap<KeyOf, readonly View[]> = new Map([
  [requestKey, ['inbound', 'outbound']],
  [transportKey, ['inbound', 'outbound']],
  [routeKey, ['route']],
  [callerKey, ['caller']],
  [deniedKey, ['denied']],
  [limitedKey, ['limited']],
])

/** The names of the families that rows of a view are made of, and what each holds. */
export function familiesOf(view: View): readonly { name: string; kind: 'counter' | 'bucket' | 'open' }[] {
  return Object.entries(families).flatMap(([name, family]) =>
    family.kind !== 'processStart' && viewsOf.get(family.keyOf)?.includes(view)
      ? [{ name, kind: family.kind }]
      : [],
  )
}

const ownersOf = (prefix: string): readonly string[] => ownerKinds.map(kind => prefix + ownerLabel(kind))
const peerLabels = ['dst_namespace', 'dst_pod', ...ownersOf('dst_')]

/**
 * The labels of a series that a dimension of its cell is read from. Those of `namespace` to `pod` are not a proxy's own:
 * who scrapes it puts them there.
 */
export const dimensionLabels: Readonly<Record<Dimension, readonly string[]>> = {
  view: [],
  direction: ['direction'],
  namespace: ['namespace'],
  kind: ['namespace', 'pod', ...ownersOf('')],
  name: ['namespace', 'pod', ...ownersOf('')],
  pod: ['pod'],
  peerNamespace: ['dst_namespace'],
  peerKind: peerLabels,
  peerName: peerLabels,
  peerPod: ['dst_pod'],
  peerId: ['client_id', 'server_id', 'client_ip'],
  service: ['dst_service', 'dst_namespace', 'dst'],
  authority: ['authority', 'dst'],
  port: ['target_port', 'target_addr'],
  route: ['route_kind', 'route_name', 'rt_route'],
  server: ['srv_kind', 'srv_name'],
  authorization: ['authz_kind', 'authz_name'],
  tls: ['tls', 'no_tls_reason'],
}

/** The labels that say what a response was answered with. */
export const statusLabels = ['status_code', 'grpc_status'] as const

/**
 * What a series of `instance`'s proxy counts, by linkerd2-proxy's names and labels; `null` for one that no view
 * needs. Requests to the proxy's own admin port are not traffic.
 */
export function meaningOf(series: Series, instance: Scraped): SeriesMeaning | null {
  const family = Object.hasOwn(families, series.name) ? families[series.name] : undefined
  if (family === undefined) return null
  if (family.kind === 'processStart') return { kind: 'processStart' }
  const { labels } = series
  const key = family.keyOf(labels, instance)
  if (key === null) return null
  switch (family.kind) {
    case 'open':
      return { kind: 'open', key }
    case 'counter': {
      const field = family.countsAs(labels)
      return field === null ? null : { kind: 'counter', key, field, status: statusOf(field, labels) }
    }
    case 'bucket': {
      const le = boundNamed(labels.get('le') ?? '')
      return le === null ? null : { kind: 'bucket', key, le }
    }
  }
}

/** The upper bound that a bucket's label `le` names; `null` when it names none. */
export function boundNamed(text: string): number | null {
  const le = numberOf(text)
  return le === undefined || Number.isNaN(le) ? null : le
}

function byClass<F extends CounterField>(labels: Labels, success: F, failure: F): F | null {
  const classification = labels.get('classification')
  if (classification === 'success') return success
  return classification === 'failure' ? failure : null
}

/** What the responses of a counter were answered with; `null` for attempts and whatever is no response. */
function statusOf(field: CounterField, labels: Labels): string | null {
  if (field !== 'success' && field !== 'failure') return null
  const status = labels.get('status_code') ?? ''
  const grpcStatus = labels.get('grpc_status') ?? ''
  return statusKey({
    classification: field,
    status: /^\d{3}$/.test(status) ? status : 'unknown',
    grpcStatus: /^\w{1,24}$/.test(grpcStatus) ? grpcStatus : '',
  })
}

function requestKey(labels: Labels, instance: Scraped): CellKey | null {
  switch (labels.get('direction')) {
    case 'inbound':
      return inboundKey(labels, instance)
    case 'outbound':
      return outboundKey(labels, instance)
    default:
      return null
  }
}

/** Each connection is counted on both of its sides; the mesh is on the `src` side inbound and on the `dst` side outbound. */
function transportKey(labels: Labels, instance: Scraped): CellKey | null {
  const meshSide = labels.get('direction') === 'inbound' ? 'src' : 'dst'
  return labels.get('peer') === meshSide ? requestKey(labels, instance) : null
}

function inboundKey(labels: Labels, instance: Scraped): CellKey | null {
  const port = portOf(labels)
  if (port === String(instance.proxyPorts.admin)) return null
  const route = objectOf(labels, 'route')
  return {
    ...emptyKey('inbound', 'inbound', instance),
    peerId: labels.get('client_id') ?? '',
    authority: labels.get('authority') ?? '',
    port,
    route: route === DEFAULT_ROUTE ? '' : route,
    server: objectOf(labels, 'srv'),
    authorization: objectOf(labels, 'authz'),
    tls: tlsOf(labels),
  }
}

/** Which object labels of this prefix name, as `kind/name`; empty when they name none. */
function objectOf(labels: Labels, prefix: string): string {
  const name = labels.get(`${prefix}_name`)
  return name ? `${labels.get(`${prefix}_kind`) ?? ''}/${name}` : ''
}

function outboundKey(labels: Labels, instance: Scraped): CellKey {
  const peerNamespace = labels.get('dst_namespace') ?? ''
  const service = labels.get('dst_service')
  const peerPod = labels.get('dst_pod') ?? ''
  const owner = ownerKinds.find(kind => labels.get(`dst_${ownerLabel(kind)}`))
  const peerKind = owner ?? (peerPod === '' ? '' : 'pod')
  return {
    ...emptyKey('outbound', 'outbound', instance),
    peerNamespace,
    peerKind,
    peerName: owner === undefined ? peerPod : (labels.get(`dst_${ownerLabel(owner)}`) ?? ''),
    peerPod,
    peerId: labels.get('server_id') ?? '',
    service: service ? `${peerNamespace}/${service}` : '',
    authority: labels.get('authority') ?? '',
    port: portOf(labels),
    tls: tlsOf(labels),
  }
}

function routeKey(labels: Labels, instance: Scraped): CellKey {
  const authority = labels.get('dst') ?? ''
  const [name, namespace, svc] = authority.split(':', 1)[0]!.split('.')
  return {
    ...emptyKey('route', labels.get('direction') ?? '', instance),
    service: svc === 'svc' ? `${namespace}/${name}` : '',
    authority,
    route: labels.get('rt_route') ?? '',
  }
}

function callerKey(labels: Labels, instance: Scraped): CellKey | null {
  const key = inboundKey(labels, instance)
  return key === null ? null : { ...key, view: 'caller', peerId: labels.get('client_ip') ?? '' }
}

function deniedKey(labels: Labels, instance: Scraped): CellKey | null {
  const key = inboundKey(labels, instance)
  return key === null ? null : { ...key, view: 'denied', peerId: refusedId(labels) }
}

function limitedKey(labels: Labels, instance: Scraped): CellKey | null {
  const key = inboundKey(labels, instance)
  return key === null ? null : { ...key, view: 'limited', peerId: refusedId(labels) }
}

/** Who was refused: an identity, else an address where one is told. */
function refusedId(labels: Labels): string {
  return labels.get('client_id') || (labels.get('client_ip') ?? '')
}

function emptyKey(view: View, direction: string, instance: Scraped): CellKey {
  return {
    view,
    direction,
    namespace: instance.namespace,
    kind: instance.workload.kind,
    name: instance.workload.name,
    pod: instance.name,
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
}

/** Older proxies print the port only as a part of `target_addr`. */
function portOf(labels: Labels): string {
  const port = labels.get('target_port')
  if (port !== undefined) return port
  const address = labels.get('target_addr') ?? ''
  return address.slice(address.lastIndexOf(':') + 1)
}

function tlsOf(labels: Labels): string {
  const tls = labels.get('tls') ?? ''
  return tls === 'true' ? tls : labels.get('no_tls_reason') || tls
}
