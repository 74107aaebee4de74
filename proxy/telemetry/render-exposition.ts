import { ExpositionWriter } from '#lib/metrics/exposition-writer.ts'
import type { ProcessStats } from './process-stats.ts'
import { renderBalancers } from './render-balancers.ts'
import { renderConnections } from './render-connections.ts'
import { renderPolicyRoutes } from './render-policy-routes.ts'
import { type BuildInfo, type CertificateStats, renderCertificate, renderProcess } from './render-process.ts'
import { renderCounters, renderHttp, renderTransport } from './render-series.ts'
import type { Sweep } from './series-group.ts'
import type { SeriesStore } from './series-store.ts'

export interface Exposed {
  readonly store: SeriesStore
  readonly certificate: CertificateStats
  readonly process: ProcessStats
  readonly build: BuildInfo
  readonly nowMs: number
  readonly retainIdleMs: number
}

/** The whole exposition as text. What was idle for `retainIdleMs` leaves the store and is not in it. */
export function renderExposition({ store, nowMs, retainIdleMs, ...about }: Exposed): string {
  const sweep: Sweep = group => group.sweep(nowMs, retainIdleMs)
  const writer = new ExpositionWriter()
  renderHttp(writer, PROXIED, sweep(store.http))
  renderHttp(writer, CONTROL, sweep(store.control))
  renderHttp(writer, ROUTES, sweep(store.routes))
  renderHttp(writer, ROUTES_ACTUAL, sweep(store.routesActual))
  const retryable = 'Failed attempts of routes that may be retried, by whether they were'
  renderCounters(writer, 'route_retryable_total', retryable, sweep(store.routesRetryable))
  const transports = sweep(store.transports)
  renderTransport(writer, '', transports, 'all')
  const count = (name: string, help: string, group: SeriesStore['httpAllowed']): void =>
    renderCounters(writer, name, help, sweep(group))
  count('inbound_http_authz_allow_total', 'HTTP requests let in by policy', store.httpAllowed)
  count('inbound_http_authz_deny_total', 'HTTP requests refused by policy', store.httpDenied)
  count(
    'inbound_http_route_not_found_total',
    'HTTP requests that no route of their port takes',
    store.httpRouteNotFound,
  )
  count('inbound_http_local_ratelimit_total', 'HTTP requests over a rate limit', store.httpLimited)
  count('inbound_tcp_authz_allow_total', 'TCP connections let in by policy', store.tcpAllowed)
  count('inbound_tcp_authz_deny_total', 'TCP connections refused by policy', store.tcpDenied)
  count(
    'inbound_tcp_authz_terminate_total',
    'TCP connections closed when policy changed',
    store.tcpTerminated,
  )
  count('inbound_http_errors_total', 'Inbound HTTP requests the proxy failed', store.inboundHttpErrors)
  count('inbound_tcp_errors_total', 'Inbound TCP connections the proxy failed', store.inboundTcpErrors)
  count('outbound_http_errors_total', 'Outbound HTTP requests the proxy failed', store.outboundHttpErrors)
  count('outbound_tcp_errors_total', 'Outbound TCP connections the proxy failed', store.outboundTcpErrors)
  renderClients(writer, store, sweep)
  count('meshscope_tap_events_total', 'Events for taps, and requests left out, by result', store.tapEvents)
  writer.family('meshscope_metrics_held_back_total', 'counter', 'Counts not shown for want of room')
  writer.sample('meshscope_metrics_held_back_total', '', store.heldBack)
  renderPolicyRoutes(writer, store.policyRoutes.http, sweep)
  renderPolicyRoutes(writer, store.policyRoutes.grpc, sweep)
  renderBalancers(writer, 'outbound_http_balancer', sweep(store.balancers.http))
  renderBalancers(writer, 'outbound_tcp_balancer', sweep(store.balancers.tcp))
  renderConnections(writer, store, sweep, transports)
  renderCertificate(writer, about.certificate)
  renderProcess(writer, about.process, about.build)
  writer.end()
  return writer.text()
}

/** Families of callers without an identity; their addresses are forgotten with their last series. */
function renderClients(writer: ExpositionWriter, store: SeriesStore, sweep: Sweep): void {
  const http = sweep(store.clientHttp)
  const transports = sweep(store.clientTransports)
  const refused = CLIENT_REFUSALS.map(({ group, ...family }) => ({ ...family, series: sweep(store[group]) }))
  renderHttp(writer, CLIENTS, http)
  renderTransport(writer, 'meshscope_inbound_client_', transports, 'counted')
  for (const { help, name, series } of refused) renderCounters(writer, name, help, series)
  const all = [...http, ...transports, ...refused.flatMap(({ series }) => series)]
  store.clientAddresses.retain(all.map(({ labels }) => clientIp(labels)))
}

const CLIENT_REFUSALS = [
  {
    group: 'clientDenied',
    name: 'meshscope_inbound_client_denied_total',
    help: 'Requests and connections refused by policy, of callers without an identity',
  },
  {
    group: 'clientLimited',
    name: 'meshscope_inbound_client_limited_total',
    help: 'Requests refused by a rate limit, of callers without an identity',
  },
  {
    group: 'clientUnrouted',
    name: 'meshscope_inbound_client_unrouted_total',
    help: 'Requests that none of the routes took, of callers without an identity',
  },
] as const

function clientIp(labels: string): string {
  return /^client_ip="([^"]*)"/.exec(labels)?.[1] ?? ''
}

const PROXIED = {
  requests: 'request_total',
  responses: 'response_total',
  latencies: 'response_latency_ms',
  withEnd: true,
  of: 'through this proxy',
}
const CONTROL = {
  requests: 'control_request_total',
  responses: 'control_response_total',
  latencies: 'control_response_latency_ms',
  withEnd: true,
  of: 'of the control plane, asked by this proxy',
}
const ROUTES = {
  requests: 'route_request_total',
  responses: 'route_response_total',
  latencies: 'route_response_latency_ms',
  withEnd: true,
  of: 'by route, retries not counted',
}
const ROUTES_ACTUAL = {
  requests: 'route_actual_request_total',
  responses: 'route_actual_response_total',
  withEnd: true,
  of: 'by route, every attempt counted',
}
const CLIENTS = {
  responses: 'meshscope_inbound_client_response_total',
  latencies: 'meshscope_inbound_client_response_latency_ms',
  withEnd: false,
  of: 'of callers without an identity',
}
