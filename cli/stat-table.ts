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

/**
 * Rows as Linkerd prints them, ordered by namespace and name; `-` where there is no number. A workload that only sends
 * stands with what it sent; when `wide`, a last column says so.
 */
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
    column('SUCCESS', row => shown(toldOf(row).successRate, ratioText)),
    column('RPS', row => shown(toldOf(row).requests === 0 ? null : toldOf(row).rps, rateText)),
    column('LATENCY_P50', row => shown(toldOf(row).latencyMs.p50, latencyText)),
    column('LATENCY_P95', row => shown(toldOf(row).latencyMs.p95, latencyText)),
    column('LATENCY_P99', row => shown(toldOf(row).latencyMs.p99, latencyText)),
    column('TCP_CONN', ({ tcp }) => shown(tcp.open, open => `${open}`)),
    ...(shape.wide
      ? [
          column('READ_BYTES/SEC', ({ tcp }) => shown(tcp.readBytesPerSecond, byteRateText)),
          column('WRITE_BYTES/SEC', ({ tcp }) => shown(tcp.writeBytesPerSecond, byteRateText)),
          ...(rows.some(hasOnlySent)
            ? [column('NOTE', row => (hasOnlySent(row) ? 'sent' : ''), 'left')]
            : []),
        ]
      : []),
  ]
  return tableText(columns, rows.toSorted(byNamespaceAndName))
}

/** Which of the rows tell what was sent, because nothing was received, in words; `null` when none does. */
export function sentNote(rows: readonly GoldenRow[]): string | null {
  const senders = rows.filter(hasOnlySent).toSorted(byNamespaceAndName)
  if (senders.length === 0) return null
  const names = senders
    .slice(0, namedMax)
    .map(({ resource: { namespace, kind, name } }) => `${namespace}/${shortKind(kind)}/${name}`)
  if (senders.length > namedMax) names.push(`${senders.length - namedMax} more`)
  return `Nothing was received by ${names.join(', ')}: success, rate and latency there are of what was sent`
}

const namedMax = 5

function hasOnlySent({ sent }: GoldenRow): boolean {
  return sent !== undefined
}

function toldOf({ golden, sent }: GoldenRow): GoldenRow['golden'] {
  return sent ?? golden
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
