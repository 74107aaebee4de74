import type { ExpositionWriter } from '#lib/metrics/exposition-writer.ts'
import type { BalancerSeries } from './balancer-series.ts'
import { renderBuckets, renderOpenMetrics } from './render-open-metrics.ts'

/** Prints families `<prefix>_*`: endpoints, the requests that wait for one, and the gate that failfast shuts. */
export function renderBalancers(
  writer: ExpositionWriter,
  prefix: string,
  series: readonly BalancerSeries[],
): void {
  const print = (
    name: string,
    kind: 'counter' | 'gauge',
    help: string,
    of: (one: BalancerSeries) => number,
    unit = '',
  ): void =>
    renderOpenMetrics(writer, {
      name: `${prefix}_${name}`,
      kind,
      help,
      unit,
      of: series.map(one => [one.labels, of(one)]),
    })
  const split = (label: string, values: (one: BalancerSeries) => object) =>
    series.flatMap(one =>
      Object.entries(values(one)).map(
        ([value, count]) => [`${label}="${value}",${one.labels}`, count as number] as const,
      ),
    )
  renderOpenMetrics(writer, {
    name: `${prefix}_endpoints`,
    kind: 'gauge',
    help: 'Endpoints by whether requests may go to them now',
    of: split('endpoint_state', ({ endpoints: { ready, pending } }) => ({ ready, pending })),
  })
  print(
    'p2c_endpoints',
    'gauge',
    'Endpoints to choose from',
    ({ endpoints }) => endpoints.ready + endpoints.pending,
  )
  renderOpenMetrics(writer, {
    name: `${prefix}_p2c_updates`,
    kind: 'counter',
    help: 'Changes of the endpoints',
    of: split('op', ({ updates }) => updates),
  })
  print('queue_length', 'gauge', 'Requests that wait for an endpoint', one => one.queueLength)
  print('queue_requests', 'counter', 'Requests that got an endpoint', one => one.requests)
  renderBuckets(writer, {
    name: `${prefix}_queue_latency_seconds`,
    unit: 'seconds',
    help: 'Requests by how long they waited for an endpoint',
    of: series.map(({ labels, waitSeconds }) => [labels, waitSeconds]),
  })
  print('queue_gate_open', 'counter', 'How often requests were let wait again', one => one.gate.opens)
  print('queue_gate_shut', 'counter', 'How often requests began to fail at once', one => one.gate.shuts)
  const at = 'in seconds since the Unix epoch, 0 while it is not so'
  print(
    'queue_gate_open_time_seconds',
    'gauge',
    `Since when requests may wait, ${at}`,
    one => one.gate.openedAtSeconds,
    'seconds',
  )
  print(
    'queue_gate_shut_time_seconds',
    'gauge',
    `Since when requests fail at once, ${at}`,
    one => one.gate.shutAtSeconds,
    'seconds',
  )
  print(
    'queue_gate_timeout_seconds',
    'gauge',
    'How long requests wait before they fail',
    one => one.gate.timeoutSeconds,
    'seconds',
  )
}
