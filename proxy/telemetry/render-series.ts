import type { ExpositionWriter } from '#lib/metrics/exposition-writer.ts'
import { labelsText } from '#lib/metrics/exposition-writer.ts'
import type { CounterSeries } from './counter-series.ts'
import type { HttpSeries, OutcomeCount } from './http-series.ts'
import { LATENCY_BOUNDS_MS } from './latency-counts.ts'
import type { TransportSeries } from './transport-series.ts'

/** What a family of HTTP metrics is called, and of what it is; an absent name is not printed. */
export interface HttpFamilies {
  readonly requests?: string
  readonly responses: string
  readonly latencies?: string
  /** Whether `grpc_status` and `error` are told. */
  readonly withEnd: boolean
  readonly of: string
}

/** Families of the Prometheus part are left out while they have no series. */
export function renderHttp(
  writer: ExpositionWriter,
  families: HttpFamilies,
  series: readonly HttpSeries[],
): void {
  if (series.length === 0) return
  if (families.requests !== undefined) {
    writer.family(families.requests, 'counter', `Requests ${families.of}`)
    for (const one of series) writer.sample(families.requests, one.labels, one.requests)
  }
  renderResponses(writer, families, series)
  if (families.latencies === undefined) return
  writer.family(
    families.latencies,
    'histogram',
    `Milliseconds from a request's head to the first frame of its response, ${families.of}`,
  )
  for (const one of series) {
    for (const [status, { counts, sumMs }] of one.latencies) {
      const labels = joined(one.labels, labelsText([['status_code', String(status)]]))
      writer.histogram(families.latencies, labels, LATENCY_BOUNDS_MS, counts, Math.floor(sumMs))
    }
  }
}

function renderResponses(
  writer: ExpositionWriter,
  families: HttpFamilies,
  series: readonly HttpSeries[],
): void {
  writer.family(families.responses, 'counter', `Responses ${families.of}, by how they ended`)
  for (const one of series) {
    if (families.withEnd) {
      for (const outcome of one.outcomes) {
        const labels = joined(one.labels, labelsText([...outcomeLabels(outcome), ...endLabels(outcome)]))
        writer.sample(families.responses, labels, outcome.count)
      }
      continue
    }
    const merged = new Map<string, number>()
    for (const outcome of one.outcomes) {
      const labels = joined(one.labels, labelsText(outcomeLabels(outcome)))
      merged.set(labels, (merged.get(labels) ?? 0) + outcome.count)
    }
    for (const [labels, count] of merged) writer.sample(families.responses, labels, count)
  }
}

function outcomeLabels(outcome: OutcomeCount): [string, string][] {
  return [
    ['status_code', String(outcome.status)],
    ['classification', outcome.failure ? 'failure' : 'success'],
  ]
}

function endLabels(outcome: OutcomeCount): [string, string][] {
  return [
    ['grpc_status', outcome.grpcStatus],
    ['error', outcome.error],
  ]
}

/** Prints `<prefix>tcp_*`; callers without an identity have no gauge and no closes of their own. */
export function renderTransport(
  writer: ExpositionWriter,
  prefix: string,
  series: readonly TransportSeries[],
  parts: 'all' | 'counted',
): void {
  if (series.length === 0) return
  const print = (
    name: string,
    kind: 'counter' | 'gauge',
    help: string,
    of: (one: TransportSeries) => number,
  ): void => {
    writer.family(prefix + name, kind, help)
    for (const one of series) writer.sample(prefix + name, one.labels, of(one))
  }
  print('tcp_open_total', 'counter', 'Connections opened', one => one.opens)
  if (parts === 'all') {
    print('tcp_open_connections', 'gauge', 'Connections open now', one => one.openConnections)
  }
  print('tcp_read_bytes_total', 'counter', 'Bytes read from peers', one => one.readBytes)
  print('tcp_write_bytes_total', 'counter', 'Bytes written to peers', one => one.writeBytes)
  if (parts === 'counted') return
  writer.family(`${prefix}tcp_close_total`, 'counter', 'Connections closed, by what closed them')
  for (const one of series) {
    for (const [errno, count] of one.closes) {
      writer.sample(`${prefix}tcp_close_total`, joined(one.labels, labelsText([['errno', errno]])), count)
    }
  }
}

export function renderCounters(
  writer: ExpositionWriter,
  name: string,
  help: string,
  series: readonly CounterSeries[],
): void {
  if (series.length === 0) return
  writer.family(name, 'counter', help)
  for (const one of series) writer.sample(name, one.labels, one.value)
}

function joined(labels: string, more: string): string {
  return `${labels},${more}`
}
