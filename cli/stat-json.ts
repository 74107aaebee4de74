import type { GoldenRow } from '#lib/api/golden.ts'
import { byNamespaceAndName } from './stat-table.ts'

/**
 * Rows under Linkerd's keys, ordered by namespace and name. Numbers are unrounded, `null` where there is none. What a
 * workload sent that received nothing is apart, under `sent`.
 */
export function statJson(rows: readonly GoldenRow[]): string {
  const objects = rows.toSorted(byNamespaceAndName).map(({ resource, meshed, golden, tcp, sent }) => ({
    namespace: resource.namespace,
    kind: resource.kind,
    name: resource.name,
    ...(resource.kind === 'service' ? {} : { meshed: `${meshed.running}/${meshed.total}` }),
    ...goldenJson(golden),
    tcp_open_connections: tcp.open,
    tcp_read_bytes_rate: tcp.readBytesPerSecond,
    tcp_write_bytes_rate: tcp.writeBytesPerSecond,
    ...(sent ? { sent: goldenJson(sent) } : {}),
  }))
  return `${JSON.stringify(objects, null, 2)}\n`
}

function goldenJson({ successRate, rps, latencyMs }: GoldenRow['golden']): object {
  return {
    success: successRate,
    rps,
    latency_ms_p50: latencyMs.p50,
    latency_ms_p95: latencyMs.p95,
    latency_ms_p99: latencyMs.p99,
  }
}
