/** An exposition of more series than its target may have: it was not taken, and what was read before still stands. */
export class TooManySeriesError extends Error {
  override readonly name = 'TooManySeriesError'

  constructor(maxSeries: number) {
    super(
      `expected at most ${maxSeries} series, got more; see which label has so many values, or raise --max-series-per-proxy and --max-series`,
    )
  }
}
