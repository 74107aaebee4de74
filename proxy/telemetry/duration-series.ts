import { BucketCounts } from './bucket-counts.ts'
import { Series, type SeriesList } from './series-group.ts'

/** Durations of one label set. */
export class DurationSeries extends Series {
  readonly seconds: BucketCounts

  constructor(labels: string, list: SeriesList, boundsSeconds: readonly number[]) {
    super(labels, list)
    this.seconds = new BucketCounts(boundsSeconds)
  }

  observe(seconds: number): void {
    this.touch()
    this.seconds.observe(seconds)
  }

  protected override reset(): void {
    this.seconds.reset()
  }
}
