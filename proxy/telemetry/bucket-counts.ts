/** Values counted by bucket: `counts[i]` holds those up to `bounds[i]` and above the bound before, one more all larger. */
export class BucketCounts {
  readonly counts: Float64Array
  sum = 0

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    const { bounds, counts } = this
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    counts[bucket]! += 1
    this.sum += value
  }

  reset(): void {
    this.counts.fill(0)
    this.sum = 0
  }
}
