import type { GoldenRow } from '#lib/api/golden.ts'
import { shortKind } from '#lib/resources/kinds.ts'
import { latencyText, rateText, ratioText, shown } from './number-text.ts'
import { type TableColumn, tableText } from './table.ts'

export interface StatTableShape {
  /** Bytes per second, too. */
  readonly wide: boolean
  readonly withNamespace: boolean
  /** Names stand with their kind: `deploy/web`. */
  readonly withKind: boolean
}

/** Rows as Linkerd prints them, ordered by namespace and name; `-` where there is no number. */
export function statTable(rows: readonly GoldenRow[], shape: StatTableShape): string {
  const column = (
    heading: string,
    cell: (row: GoldenRow) => string,
    align: 'left' | 'right' = 'right',
  ): TableColumn<GoldenRow> => ({ heading, cell, align })
  const isPods = rows.some(row => row.resource.kind === 'pod')
  const columns = [
    ...(shape.withNamespace ? [column('NAMESPACE', row => row.resource.namespace, 'left')] : []),
    column('NAME', row => nameOf(row, shape), 'left'),
    // The mesh knows a pod, but not the phase it is in.
    ...(isPods ? [column('STATUS', () => '-')] : []),
    column('MESHED', meshedText),
    column('SUCCESS', ({ golden }) => shown(golden.successRate, ratioText)),
    column('RPS', ({ golden }) => shown(golden.requests === 0 ? null : golden.rps, rateText)),
    column('LATENCY_P50', ({ golden }) => shown(golden.latencyMs.p50, latencyText)),
    column('LATENCY_P95', ({ golden }) => shown(golden.latencyMs.p95, latencyText)),
    column('LATENCY_P99', ({ golden }) => shown(golden.latencyMs.p99, latencyText)),
    column('TCP_CONN', ({ tcp }) => shown(tcp.open, open => `${open}`)),
    ...(shape.wide
      ? [
          column('READ_BYTES/SEC', ({ tcp }) => shown(tcp.readBytesPerSecond, byteRateText)),
          column('WRITE_BYTES/SEC', ({ tcp }) => shown(tcp.writeBytesPerSecond, byteRateText)),
        ]
      : []),
  ]
  return tableText(columns, rows.toSorted(byNamespaceAndName))
}

/** Orders rows by namespace, then name, then kind. */
export function byNamespaceAndName(a: GoldenRow, b: GoldenRow): number {
  const [left, right] = [a, b].map(
    ({ resource: { namespace, name, kind } }) => `${namespace}/${name}/${kind}`,
  ) as [string, string]
  return left < right ? -1 : left > right ? 1 : 0
}

function nameOf({ resource: { kind, name } }: GoldenRow, { withKind }: StatTableShape): string {
  return withKind ? `${shortKind(kind)}/${name}` : name
}

function meshedText({ resource, meshed }: GoldenRow): string {
  return resource.kind === 'service' ? '-' : `${meshed.running}/${meshed.total}`
}

function byteRateText(bytesPerSecond: number): string {
  return `${bytesPerSecond.toFixed(1)}B/s`
}
