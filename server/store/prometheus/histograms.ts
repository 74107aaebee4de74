import type { Histogram } from '#lib/metrics/histogram.ts'
import type { CellKey } from '#server/store/store.ts'
import type { Point } from './timelines.ts'

/** Buckets of one family, as they come: each counts all that was no slower than its bound. */
export class Histograms {
  readonly #histograms = new Map<string, { key: CellKey; byTime: Map<number, Map<number, number>> }>()

  add(key: CellKey, labels: Readonly<Record<string, string>>, le: number, points: readonly Point[]): void {
    let id = ''
    for (const name in labels) if (name !== 'le') id += `${name}\0${labels[name]}\0`
    const histogram = this.#histograms.get(id) ?? { key, byTime: new Map<number, Map<number, number>>() }
    this.#histograms.set(id, histogram)
    for (const { atMs, value } of points) {
      const buckets = histogram.byTime.get(atMs) ?? new Map<number, number>()
      histogram.byTime.set(atMs, buckets)
      buckets.set(le, (buckets.get(le) ?? 0) + Math.round(value))
    }
  }

  /** Each histogram that counted something; one that contradicts itself is left out. */
  *all(): Iterable<{ key: CellKey; atMs: number; latency: Histogram }> {
    for (const { key, byTime } of this.#histograms.values()) {
      for (const [atMs, buckets] of byTime) {
        const les = [...buckets.keys()].sort((a, b) => a - b)
        let below = 0
        const counts = les.map(le => {
          const upTo = buckets.get(le) ?? 0
          const count = upTo - below
          below = upTo
          return count
        })
        if (below === 0 || counts.some(count => count < 0)) continue
        const boundsMs = les.filter(Number.isFinite)
        if (counts.length === boundsMs.length) counts.push(0)
        yield { key, atMs, latency: { boundsMs, counts } }
      }
    }
  }
}
