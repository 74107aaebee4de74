/** Upper bounds of Linkerd's latency buckets, in milliseconds; one more bucket holds all that is slower. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000, 5000, 10_000, 20_000,
  30_000, 40_000, 50_000,
]

/** Latencies counted by bucket. */
export class LatencyCounts {
  readonly counts = new Float64Array(LATENCY_BOUNDS_MS.length + 1)
  sumMs = 0

  observe(latencyMs: number): void {
    let bucket = 0
    while (bucket < LATENCY_BOUNDS_MS.length && latencyMs > (LATENCY_BOUNDS_MS[bucket] ?? 0)) bucket++
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sumMs += latencyMs
  }
}
