/**
 * Things counted by latency. `counts[i]` holds those with `boundsMs[i - 1] < latency <= boundsMs[i]`;
 * one more count at the end holds everything slower than the last bound.
 */
export interface Histogram {
  readonly boundsMs: readonly number[]
  readonly counts: readonly number[]
}

/** A histogram of these bounds with nothing in it; its counts may be added to. Throws when bounds do not rise. */
export function emptyHistogram(boundsMs: readonly number[]): {
  boundsMs: readonly number[]
  counts: number[]
} {
  for (let i = 1; i < boundsMs.length; i++) {
    if (!(boundsMs[i - 1]! < boundsMs[i]!)) {
      throw new RangeError(
        `Cannot make a histogram: bounds must rise, got ${boundsMs[i - 1]} before ${boundsMs[i]}`,
      )
    }
  }
  return { boundsMs, counts: Array.from({ length: boundsMs.length + 1 }, () => 0) }
}

/** All that was counted. */
export function countOf(histogram: Histogram): number {
  let total = 0
  for (const count of histogram.counts) total += count
  return total
}

/** The counts of both, in the bounds of both. Throws a RangeError when the bounds differ. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  assertSameBounds(a.boundsMs, b.boundsMs)
  const counts = a.counts.slice()
  for (let i = 0; i < counts.length; i++) counts[i]! += b.counts[i]!
  return { boundsMs: a.boundsMs, counts }
}

/** Throws a RangeError that names the first difference, unless both hold the same bounds. */
export function assertSameBounds(a: readonly number[], b: readonly number[]): void {
  if (a === b) return
  const length = Math.max(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) {
      throw new RangeError(
        `Cannot merge histograms: bounds differ at index ${i}, ${a[i] ?? 'none'} and ${b[i] ?? 'none'}`,
      )
    }
  }
}

/**
 * The latency in ms that the share `q` (0–1) of all counted did not exceed, interpolated inside its bucket as
 * PromQL's histogram_quantile does. Above the last finite bound it is that bound. `null` for an empty histogram. Who takes several gives the `total` of all counted.
 */
export function quantile(histogram: Histogram, q: number, total = countOf(histogram)): number | null {
  if (!(q >= 0 && q <= 1)) throw new RangeError(`Cannot take a quantile: expected 0–1, got ${q}`)
  if (total === 0) return null
  const { boundsMs, counts } = histogram
  const rank = q * total
  let below = 0
  for (let i = 0; i < boundsMs.length; i++) {
    const count = counts[i]!
    if (count > 0 && below + count >= rank) {
      const upper = boundsMs[i]!
      const lower = i > 0 ? boundsMs[i - 1]! : Math.min(0, upper)
      return lower + (upper - lower) * ((rank - below) / count)
    }
    below += count
  }
  return boundsMs.at(-1) ?? null
}
