import type { SeriesMeaning } from '#server/store/series-meaning.ts'
import type { CellKey } from '#server/store/store.ts'
import type { CellCounts } from './cell-counts.ts'

/** Buckets of one histogram, in the order of their bounds; they are reset together. */
export interface HistogramSeries {
  /** Its series as printed, without the bound. */
  readonly id: string
  readonly key: CellKey
  readonly cell: CellCounts
  readonly buckets: TrackedSeries[]
  /** `null` until the buckets are all known, and after one came or left. */
  boundsMs: readonly number[] | null
  /** The newest scrape in which one of them changed. */
  changedIn: number
}

/** A series that is followed from scrape to scrape: `value` is the newest, `base` that of the scrape before. */
export interface TrackedSeries {
  readonly meaning: SeriesMeaning
  readonly cell: CellCounts | null
  readonly histogram: HistogramSeries | null
  base: number
  value: number
  /** Whether the newest exposition has it. */
  isShown: boolean
}
