import { type ExpositionWriter, labelsText } from '#lib/metrics/exposition-writer.ts'
import type { CounterSeries } from './counter-series.ts'
import { renderBuckets, renderOpenMetrics } from './render-open-metrics.ts'
import type { SeriesGroup, Sweep } from './series-group.ts'
import type { SeriesStore } from './series-store.ts'
import type { TransportSeries } from './transport-series.ts'

/** Prints what is known of connections beside their bytes: how they came, what they carry, where what they carry goes. */
export function renderConnections(
  writer: ExpositionWriter,
  store: SeriesStore,
  sweep: Sweep,
  transports: readonly TransportSeries[],
): void {
  const count = (name: string, help: string, group: SeriesGroup<CounterSeries>): void =>
    renderOpenMetrics(writer, {
      name,
      kind: 'counter',
      help,
      of: sweep(group).map(({ labels, value }) => [labels, value]),
    })
  count(
    'inbound_tcp_transport_header_connections',
    'Connections that came with a transport header',
    store.transportHeaders,
  )
  for (const direction of ['inbound', 'outbound'] as const) {
    const name = `${direction}_tcp_detect_http`
    renderBuckets(writer, {
      name: `${name}_duration_seconds`,
      unit: 'seconds',
      help: 'How long it took to tell HTTP from other bytes',
      of: sweep(store[`${direction}DetectSeconds`]).map(({ labels, seconds }) => [labels, seconds]),
    })
    count(`${name}_results`, 'Connections by what their first bytes were', store[`${direction}Detected`])
  }
  count(
    'outbound_tcp_protocol_connections',
    'Connections to one service, by what is known of their bytes beforehand',
    store.protocolConnections,
  )
  count('outbound_tcp_route_open', 'Connections that were passed on as they are', store.tcpRouteOpened)
  count('outbound_tcp_route_close', 'The same, closed, by what went wrong', store.tcpRouteClosed)
  renderOpenMetrics(writer, {
    name: 'outbound_tcp_transfer_cost_bytes',
    kind: 'counter',
    help: 'Bytes to and from endpoints, by whether they are in the same zone',
    of: store.transferred
      .all(transports)
      .filter(([, , bytes]) => bytes > 0)
      .map(([op, zone, bytes]) => [
        labelsText([
          ['op', op],
          ['zone_locality', zone],
        ]),
        bytes,
      ]),
  })
}
