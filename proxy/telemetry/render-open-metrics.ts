import { type ExpositionWriter, valueText } from '#lib/metrics/exposition-writer.ts'
import type { BucketCounts } from './bucket-counts.ts'

interface Family<T> {
  /** A counter's is without `_total`. */
  readonly name: string
  readonly help: string
  readonly unit?: string
  /** Labels and what they have. */
  readonly of: readonly (readonly [labels: string, value: T])[]
}

/** Prints a family of counters or gauges in OpenMetrics; nothing without samples. */
export function renderOpenMetrics(
  writer: ExpositionWriter,
  { help, kind, name, of, unit = '' }: Family<number> & { readonly kind: 'counter' | 'gauge' },
): void {
  if (of.length === 0) return
  writer.openMetricsFamily(name, kind, help, unit)
  const sample = kind === 'counter' ? `${name}_total` : name
  for (const [labels, value] of of) writer.sample(sample, labels, value)
}

/** Prints a family of histograms in OpenMetrics; nothing without samples. */
export function renderBuckets(
  writer: ExpositionWriter,
  { help, name, of, unit = '' }: Family<BucketCounts>,
): void {
  if (of.length === 0) return
  writer.openMetricsFamily(name, 'histogram', help, unit)
  for (const [labels, { bounds, counts, sum }] of of) {
    const count = counts.reduce((all, one) => all + one, 0)
    writer.sample(`${name}_sum`, labels, sum)
    writer.sample(`${name}_count`, labels, count)
    let upTo = 0
    for (const [at, counted] of counts.entries()) {
      upTo += counted
      const le = valueText(bounds[at] ?? Number.POSITIVE_INFINITY)
      writer.sample(`${name}_bucket`, `le="${le}",${labels}`, upTo)
    }
  }
}
