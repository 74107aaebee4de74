import type { Column } from '#components/ui/data-table.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import type { GoldenRow } from '#lib/api/golden.ts'
import { amount, byteRate, percent, type Quantity, quantityText, requestRate } from '#lib/metrics/format.ts'
import { conditionOf, missingReason, shownGolden } from './condition.ts'
import { quantileColumns } from './quantile-columns.tsx'
import { SuccessRate } from './success-rate.tsx'

interface HasGolden {
  readonly row: GoldenRow
}

type Align = { readonly decimals: 0 | 1 | 2; readonly unit: 'rate' | 'share' | 'bytes' }

/** A cell that says why, where it has no number. */
function numberCell(
  row: GoldenRow,
  value: number | null,
  format: (value: number | null) => Quantity,
  align?: Align,
) {
  const reason = value === null ? { reason: missingReason[conditionOf(row)] } : {}
  return <QuantityText of={format(value)} {...(align === undefined ? {} : { align })} {...reason} />
}

/** How many of the pods have a proxy. */
export const meshedColumn: Column<HasGolden> = {
  id: 'meshed',
  heading: 'Meshed',
  meaning: 'Pods with a proxy, of all pods',
  width: 'short',
  leaves: 'middling',
  cell: ({ row: { meshed } }) => `${meshed.running}/${meshed.total}`,
  sortBy: ({ row: { meshed } }) => (meshed.total === 0 ? null : meshed.running / meshed.total),
}

export const requestRateColumn: Column<HasGolden> = {
  id: 'rps',
  heading: 'RPS',
  meaning: 'Requests per second',
  width: 'narrow',
  cell: ({ row }) => numberCell(row, shownGolden(row).rps, requestRate, { decimals: 1, unit: 'rate' }),
  sortBy: ({ row }) => shownGolden(row).rps,
}

export const successColumn: Column<HasGolden> = {
  id: 'success',
  heading: 'Success',
  meaning: 'Successful responses, of all',
  width: 'number',
  cell: ({ row }) => (
    <>
      {(row.denied ?? 0) > 0 && (
        <Hint words={`Policy refused ${quantityText(amount(row.denied, ''))} in this time`}>⊘ </Hint>
      )}
      <SuccessRate ratio={shownGolden(row).successRate} aligned reason={missingReason[conditionOf(row)]} />
    </>
  ),
  sortBy: ({ row }) => shownGolden(row).successRate,
}

/** P50, P95 and P99 of the latency to the first body frame. */
export const latencyColumns = quantileColumns<HasGolden>({
  latencyIn: ({ row }) => shownGolden(row).latencyMs,
  reasonOf: ({ row }) => missingReason[conditionOf(row)],
  p95Stays: true,
})

export const mtlsColumn: Column<HasGolden> = {
  id: 'mtls',
  heading: 'mTLS',
  meaning: 'Requests that came with mutual TLS, of all',
  width: 'number',
  leaves: 'minor',
  cell: ({ row }) => numberCell(row, row.mtlsRate, percent, { decimals: 2, unit: 'share' }),
  sortBy: ({ row }) => row.mtlsRate,
}

/** Open connections. */
export const connectionsColumn: Column<HasGolden> = {
  id: 'tcp',
  heading: 'TCP',
  meaning: 'TCP connections open now',
  width: 'short',
  leaves: 'minor',
  cell: ({ row }) => numberCell(row, row.tcp.open, value => amount(value, '')),
  sortBy: ({ row }) => row.tcp.open,
}

/** Bytes read and written per second. */
export const byteColumns: readonly Column<HasGolden>[] = [
  byteColumn('read', 'Read', row => row.tcp.readBytesPerSecond),
  byteColumn('write', 'Write', row => row.tcp.writeBytesPerSecond),
]

function byteColumn(
  id: string,
  heading: string,
  valueIn: (row: GoldenRow) => number | null,
): Column<HasGolden> {
  return {
    id,
    heading,
    meaning: `Bytes ${id === 'read' ? 'read' : 'written'} per second`,
    width: 'number',
    leaves: 'minor',
    cell: ({ row }) => numberCell(row, valueIn(row), byteRate, { decimals: 1, unit: 'bytes' }),
    sortBy: ({ row }) => valueIn(row),
  }
}
