import type { Column } from '#components/ui/data-table.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import type { Golden } from '#lib/api/common.ts'
import { latency } from '#lib/metrics/format.ts'

interface QuantileOptions<Row> {
  readonly latencyIn: (row: Row) => Golden['latencyMs']
  /** Why a row has none. */
  readonly reasonOf: (row: Row) => string
  /** Whether P95 stays where there is little room: a table with many other columns gives all three up. */
  readonly p95Stays: boolean
}

/** P50, P95 and P99 of the time to the first byte of the body. */
export function quantileColumns<Row>({
  latencyIn,
  reasonOf,
  p95Stays,
}: QuantileOptions<Row>): readonly Column<Row>[] {
  return (['p50', 'p95', 'p99'] as const).map((quantile): Column<Row> => {
    const isP95 = quantile === 'p95'
    return {
      id: quantile,
      heading: quantile.toUpperCase(),
      meaning: `${quantile.slice(1)} of 100 requests were answered within this time`,
      width: 'narrow',
      ...(p95Stays ? !isP95 && { leaves: 'middling' } : { leaves: isP95 ? 'middling' : 'minor' }),
      cell: row => (
        <QuantityText
          of={latency(latencyIn(row)[quantile])}
          align={{ decimals: 1, unit: 'rate' }}
          {...(latencyIn(row)[quantile] === null ? { reason: reasonOf(row) } : {})}
        />
      ),
      sortBy: row => latencyIn(row)[quantile],
    }
  })
}
