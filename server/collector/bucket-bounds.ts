import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import type { TrackedSeries } from './tracked-series.ts'

/** The bounds that one target's histograms have. Equal bounds are one object, so that comparing them is cheap. */
export class BucketBounds {
  readonly #known: (readonly number[])[] = [linkerdLatencyBoundsMs]

  /** Puts the buckets of a histogram in the order of their bounds; gives the finite ones, in milliseconds. */
  of(buckets: TrackedSeries[]): readonly number[] {
    buckets.sort((a, b) => boundOf(a) - boundOf(b))
    const boundsMs = buckets.map(boundOf).filter(Number.isFinite)
    const known = this.#known.find(
      each => each.length === boundsMs.length && each.every((bound, i) => bound === boundsMs[i]),
    )
    if (known !== undefined) return known
    this.#known.push(boundsMs)
    return boundsMs
  }
}

function boundOf({ meaning }: TrackedSeries): number {
  return meaning.kind === 'bucket' ? meaning.le : Number.NaN
}
