import { type ExpositionWriter, valueText } from '#lib/metrics/exposition-writer.ts'
import type { CounterSeries } from './counter-series.ts'
import type { PolicyRouteSeries } from './policy-route-series.ts'

/** Prints families `outbound_http_route_*`, each left out while it has no series. */
export function renderPolicyRoutes(
  writer: ExpositionWriter,
  routes: readonly PolicyRouteSeries[],
  backends: readonly PolicyRouteSeries[],
): void {
  const route = 'outbound_http_route'
  renderEnds(writer, `${route}_request`, 'Requests of routes', routes)
  if (backends.length > 0) {
    const name = `${route}_backend_requests`
    writer.openMetricsFamily(name, 'counter', 'Requests of routes to backends, retries among them')
    for (const one of backends) writer.sample(`${name}_total`, one.labels, one.requests)
  }
  renderEnds(writer, `${route}_backend_response`, 'Responses of backends', backends)
}

export function renderRetries(
  writer: ExpositionWriter,
  name: string,
  series: readonly CounterSeries[],
): void {
  if (series.length === 0) return
  const family = `outbound_http_route_retry_${name}`
  writer.openMetricsFamily(family, 'counter', `Retries of routes: ${name.replaceAll('_', ' ')}`)
  for (const one of series) writer.sample(`${family}_total`, one.labels, one.value)
}

function renderEnds(
  writer: ExpositionWriter,
  prefix: string,
  what: string,
  series: readonly PolicyRouteSeries[],
): void {
  if (series.length === 0) return
  const duration = `${prefix}_duration_seconds`
  writer.openMetricsFamily(duration, 'histogram', `${what} by how long they took`, 'seconds')
  for (const { boundsSeconds, durations, labels, sumSeconds } of series) {
    const count = durations.reduce((sum, one) => sum + one, 0)
    writer.sample(`${duration}_sum`, labels, sumSeconds)
    writer.sample(`${duration}_count`, labels, count)
    let upTo = 0
    for (const [at, counted] of durations.entries()) {
      upTo += counted
      const le = valueText(boundsSeconds[at] ?? Number.POSITIVE_INFINITY)
      writer.sample(`${duration}_bucket`, `le="${le}",${labels}`, upTo)
    }
  }
  const statuses = `${prefix}_statuses`
  writer.openMetricsFamily(statuses, 'counter', `${what} by how they ended`)
  for (const one of series) {
    for (const [end, count] of one.statuses) writer.sample(`${statuses}_total`, `${one.labels},${end}`, count)
  }
}
