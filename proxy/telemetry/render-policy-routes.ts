import type { ExpositionWriter } from '#lib/metrics/exposition-writer.ts'
import type { PolicyRouteSeries } from './policy-route-series.ts'
import type { PolicyRouteStore } from './policy-route-store.ts'
import { renderBuckets, renderOpenMetrics } from './render-open-metrics.ts'
import type { Sweep } from './series-group.ts'

/** Prints families `outbound_http_route_*` or `outbound_grpc_route_*`, each left out while it has no series. */
export function renderPolicyRoutes(writer: ExpositionWriter, store: PolicyRouteStore, sweep: Sweep): void {
  const prefix = `outbound_${store.kind}_route`
  const routes = sweep(store.routes)
  const backends = sweep(store.backends)
  renderEnds(writer, `${prefix}_request`, 'Requests of routes', routes)
  renderOpenMetrics(writer, {
    name: `${prefix}_backend_requests`,
    kind: 'counter',
    help: 'Requests of routes to backends, retries among them',
    of: backends.map(({ labels, requests }) => [labels, requests]),
  })
  renderEnds(writer, `${prefix}_backend_response`, 'Responses of backends', backends)
  for (const [what, group] of Object.entries(store.retries)) {
    renderOpenMetrics(writer, {
      name: `${prefix}_retry_${what}`,
      kind: 'counter',
      help: RETRIES[what as keyof typeof RETRIES],
      of: sweep(group).map(({ labels, value }) => [labels, value]),
    })
  }
}

const RETRIES: Readonly<Record<keyof PolicyRouteStore['retries'], string>> = {
  requests: 'Attempts that were made because one before had failed',
  successes: 'Requests that ended well after a retry',
  limit_exceeded: 'Failed attempts that were not retried, as their request had been often enough',
  overflow: 'Failed attempts that were not retried, as their request is too large to be kept',
}

function renderEnds(
  writer: ExpositionWriter,
  prefix: string,
  what: string,
  series: readonly PolicyRouteSeries[],
): void {
  renderBuckets(writer, {
    name: `${prefix}_duration_seconds`,
    unit: 'seconds',
    help: `${what} by how long they took`,
    of: series.map(({ labels, seconds }) => [labels, seconds]),
  })
  renderBuckets(writer, {
    name: `${prefix}_frame_size_bytes`,
    unit: 'bytes',
    help: `Pieces of bodies by their size. ${what}`,
    of: series.map(({ frameBytes, labels }) => [labels, frameBytes]),
  })
  renderOpenMetrics(writer, {
    name: `${prefix}_statuses`,
    kind: 'counter',
    help: `${what} by how they ended`,
    of: series.flatMap(({ ends, labels }) =>
      [...ends].map(([end, count]) => [`${labels},${end}`, count] as const),
    ),
  })
}
