import type { GoldenRow } from '#lib/api/golden.ts'
import { byNamespaceAndName } from './stat-table.ts'

/** Rows under Linkerd's keys, ordered by namespace and name. Numbers are unrounded, `null` where there is none. */
export function statJson(rows: readonly GoldenRow[]): string {
  const objects = rows.toSorted(byNamespaceAndName).map(({ resource, meshed, golden, tcp }) => ({
    namespace: resource.namespace,
    kind: resource.kind,
    name: resource.name,
    ...(resource.kind === 'service' ? {} : { meshed: `${meshed.running}/${meshed.total}` }),
    success: golden.successRate,
    rps: golden.rps,
    latency_ms_p50: golden.latencyMs.p50,
    latency_ms_p95: golden.latencyMs.p95,
    latency_ms_p99: golden.latencyMs.p99,
    tcp_open_connections: tcp.open,
    tcp_read_bytes_rate: tcp.readBytesPerSecond,
    tcp_write_bytes_rate: tcp.writeBytesPerSecond,
  }))
  return `${JSON.stringify(objects, null, 2)}\n`
}
