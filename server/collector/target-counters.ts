import type { Buffer } from 'node:buffer'
import type { Series } from '#lib/metrics/sample-line.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import type { CellDelta, Delta } from '#server/store/delta.ts'
import {
  boundNamed,
  type CounterField,
  clientFamilies,
  meaningOf,
  type SeriesMeaning,
} from '#server/store/series-meaning.ts'
import { type CellKey, dimensions } from '#server/store/store.ts'
import { BucketBounds } from './bucket-bounds.ts'
import { CellCounts } from './cell-counts.ts'
import { LineCache, type ReadReport } from './line-cache.ts'
import type { Steps } from './pieces.ts'
import type { HistogramSeries, TrackedSeries } from './tracked-series.ts'

export interface AppliedScrape {
  readonly delta: Delta
  readonly samples: number
  /** Lines that could not be read, series whose value no counter can have, and histograms that contradict themselves. */
  readonly badSamples: number
  /** What the first unreadable line was, or else the first value that no counter can have; `null` when neither was there. */
  readonly firstProblem: string | null
}

/** The same process prints the same start; some compute it from a clock and wobble by less than this. */
const sameStartMs = 100
/** The value of a series that has shown none that a counter can have; the base of one whose past is not known. */
const unknown = -1
/** A bucket's bound among its labels; inside a label's value the quote would be escaped. */
const leLabel = /([{,]\s*)le\s*=\s*"([^"]*)"\s*,?/
/** Series or cells between two steps: below a millisecond. */
const perStep = 256

/**
 * Turns one proxy's counters into deltas. A counter that fell, and every counter of a process that started again,
 * counts from zero; so does a series that was absent from a readable exposition and is back. The first scrape is
 * where counting begins, unless the process started after `notBeforeMs`: then everything it counted is new.
 */
export class TargetCounters {
  readonly #instance: Instance
  readonly #notBeforeMs: number
  readonly #lines = new LineCache({
    track: (text, parse) => this.#track(text, parse),
    onValue: (tracked, value) => this.#onValue(tracked, value),
  })
  readonly #cells = new Map<string, CellCounts>()
  readonly #histograms = new Map<string, HistogramSeries>()
  /** Series that an exposition with unreadable lines did not show; they may be among those lines. */
  readonly #mislaid = new Map<string, TrackedSeries>()
  /** Series whose newest value is none that they can have. */
  readonly #bad = new Set<TrackedSeries>()
  readonly #changed: TrackedSeries[] = []
  readonly #bounds = new BucketBounds()
  #scrape = 0
  /** Histograms of this scrape that contradict themselves. */
  #misfits = 0
  #processStartMs: number | null = null
  #lastEndMs: number | null = null
  /** Refusals that this proxy also counts by their callers' addresses. */
  readonly #addressed = new Set<CounterField>()
  /** Whether a series that was not there before is a new one: not as long as it may have been an unreadable line. */
  #isPastKnown = false

  constructor(instance: Instance, notBeforeMs: number) {
    this.#instance = instance
    this.#notBeforeMs = notBeforeMs
  }

  /** When the newest applied scrape ended; `null` before any. */
  get lastEndMs(): number | null {
    return this.#lastEndMs
  }

  /**
   * What this exposition adds to the one before. The body must not be changed afterwards; each of its lines ends in a
   * newline. Throws a NoExpositionError for garbage, and a TooManySeriesError; nothing of these is kept.
   */
  *apply(body: Buffer, endMs: number, maxSeries?: number): Steps<AppliedScrape> {
    this.#scrape++
    this.#misfits = 0
    this.#changed.length = 0
    const earlierStartMs = this.#processStartMs
    const report = yield* this.#lines.read(body, maxSeries)
    this.#forgetAbsent(report)
    const counting = this.#countingSince(earlierStartMs, endMs)
    yield* this.#count(counting)
    this.#isPastKnown ||= report.problemCount === 0 || counting.kind === 'fromZero'
    this.#lastEndMs = endMs
    const cells: CellDelta[] = []
    let taken = 0
    for (const [id, cell] of this.#cells) {
      if (++taken % perStep === 0) yield
      const delta = cell.take()
      if (delta !== null) cells.push(delta)
      if (cell.seriesCount === 0) this.#cells.delete(id)
    }
    const { namespace, name: pod } = this.#instance
    const startMs = Math.min(counting.sinceMs, endMs)
    return {
      delta: { namespace, pod, startMs, endMs, cells },
      samples: report.samples,
      badSamples: report.problemCount + this.#badSeries() + this.#misfits,
      firstProblem: report.firstProblem ?? this.#firstBadValue(),
    }
  }

  /** How many series of this exposition show a value that none can have, new or not. */
  #badSeries(): number {
    let count = 0
    for (const { isShown } of this.#bad) if (isShown) count++
    return count
  }

  #firstBadValue(): string | null {
    if (this.#bad.size === 0) return null
    const found = this.#lines.find(tracked => this.#bad.has(tracked))
    if (found === null) return null
    const { number, value, series } = found
    const isStart = series === 'process_start_time_seconds'
    const got = JSON.stringify(value.slice(0, 40))
    return `line ${number}: expected ${isStart ? 'a number' : 'a whole number, 0 or more'}, got ${got} as the value of ${series}`
  }

  #onValue(tracked: TrackedSeries, value: number | undefined): void {
    const { kind } = tracked.meaning
    const isGood = value !== undefined && (kind === 'processStart' ? Number.isFinite(value) : isCount(value))
    if (isGood) this.#bad.delete(tracked)
    else this.#bad.add(tracked)
    if (kind === 'processStart') {
      if (isGood) this.#processStartMs = value * 1_000
    } else if (isGood) {
      tracked.value = value
      this.#changed.push(tracked)
    } else if (tracked.value === unknown && kind !== 'open') {
      tracked.base = unknown
    }
  }

  /** From where this scrape counts: its start, and what earlier values mean. */
  #countingSince(earlierStartMs: number | null, endMs: number): Counting {
    const startMs = this.#processStartMs
    if (this.#lastEndMs === null) {
      if (startMs !== null && startMs > this.#notBeforeMs) return { kind: 'fromZero', sinceMs: startMs }
      return { kind: 'baseline', sinceMs: endMs }
    }
    const isRestarted =
      startMs !== null && earlierStartMs !== null && Math.abs(startMs - earlierStartMs) > sameStartMs
    if (!isRestarted) return { kind: 'onward', sinceMs: this.#lastEndMs }
    return { kind: 'fromZero', sinceMs: Math.max(startMs, this.#lastEndMs) }
  }

  *#count(counting: Counting): Steps<void> {
    if (counting.kind === 'fromZero') this.#restart()
    const histograms: HistogramSeries[] = []
    let counted = 0
    for (const tracked of this.#changed) {
      if (++counted % perStep === 0) yield
      const { meaning, cell, histogram } = tracked
      if (cell === null) continue
      if (meaning.kind === 'open') {
        cell.open += tracked.value - tracked.base
        tracked.base = tracked.value
        continue
      }
      if (tracked.base === unknown) tracked.base = tracked.value
      if (histogram !== null) {
        if (histogram.changedIn !== this.#scrape) histograms.push(histogram)
        histogram.changedIn = this.#scrape
      } else if (meaning.kind === 'counter') {
        const increase = tracked.value >= tracked.base ? tracked.value - tracked.base : tracked.value
        tracked.base = tracked.value
        if (this.#isToldBetter(meaning)) continue
        cell.add(meaning.field, increase)
        if (meaning.status !== null) cell.addStatus(meaning.status, increase)
      }
    }
    for (const histogram of histograms) {
      if (++counted % perStep === 0) yield
      this.#countLatencies(histogram)
    }
  }

  /** All that is in this exposition was counted by a new process. */
  #restart(): void {
    this.#changed.length = 0
    for (const mislaid of this.#mislaid.values()) this.#forget(mislaid)
    this.#mislaid.clear()
    for (const tracked of this.#lines.tracked()) {
      if (tracked.meaning.kind !== 'open') tracked.base = 0
      if (!this.#bad.has(tracked)) this.#changed.push(tracked)
    }
  }

  /** A refusal of a caller without an identity is counted once, where its address is known. */
  #isToldBetter({ field, key }: SeriesMeaning & { readonly kind: 'counter' }): boolean {
    const isRefusal = key.view === 'denied' || key.view === 'limited'
    return isRefusal && key.peerId === '' && this.#addressed.has(field)
  }

  #countLatencies(histogram: HistogramSeries): void {
    const { buckets } = histogram
    const cell = buckets[0]?.cell
    if (!cell || buckets.some(bucket => this.#bad.has(bucket) || !bucket.isShown)) return
    histogram.boundsMs ??= this.#bounds.of(buckets)
    const { boundsMs } = histogram
    if (buckets.some(bucket => bucket.value < bucket.base)) for (const bucket of buckets) bucket.base = 0
    const counts: number[] = []
    let below = 0
    for (const bucket of buckets) {
      const upTo = bucket.value - bucket.base
      counts.push(upTo - below)
      below = upTo
      bucket.base = bucket.value
    }
    if (counts.length === boundsMs.length) counts.push(0)
    if (counts.some(count => count < 0) || !cell.addLatency(boundsMs, counts)) this.#misfits++
  }

  #track(text: string, parse: () => Series): TrackedSeries | null {
    const mislaid = this.#mislaid.get(text)
    if (mislaid !== undefined) {
      this.#mislaid.delete(text)
      mislaid.isShown = true
      return mislaid
    }
    // Most lines are buckets of a histogram that is known: only their bounds are new.
    const le = leLabel.exec(text)
    const histogramId = le === null ? null : text.replace(leLabel, '$1')
    const known = histogramId === null ? undefined : this.#histograms.get(histogramId)
    if (known !== undefined) {
      const bound = boundNamed(le?.[2] ?? '')
      return bound === null
        ? null
        : this.#follow({ kind: 'bucket', key: known.key, le: bound }, known.cell, known)
    }
    const series = parse()
    const meaning = meaningOf(series, this.#instance)
    if (meaning === null) return null
    if (meaning.kind === 'counter' && series.name.startsWith(clientFamilies))
      this.#addressed.add(meaning.field)
    if (meaning.kind === 'processStart') return this.#follow(meaning, null, null)
    const cell = this.#cellOf(meaning.key)
    if (meaning.kind !== 'bucket' || histogramId === null) return this.#follow(meaning, cell, null)
    const histogram: HistogramSeries = {
      id: histogramId,
      key: meaning.key,
      cell,
      buckets: [],
      boundsMs: null,
      changedIn: 0,
    }
    this.#histograms.set(histogramId, histogram)
    return this.#follow(meaning, cell, histogram)
  }

  #follow(meaning: SeriesMeaning, cell: CellCounts | null, histogram: HistogramSeries | null): TrackedSeries {
    const base = this.#isPastKnown || meaning.kind === 'open' ? 0 : unknown
    const tracked: TrackedSeries = {
      meaning,
      cell,
      histogram,
      base,
      value: unknown,
      isShown: true,
    }
    if (cell !== null) cell.seriesCount++
    if (histogram !== null) {
      histogram.buckets.push(tracked)
      histogram.boundsMs = null
    }
    return tracked
  }

  #forget(tracked: TrackedSeries): void {
    this.#bad.delete(tracked)
    const { cell, histogram, meaning, base } = tracked
    if (cell === null) return
    cell.seriesCount--
    if (meaning.kind === 'open') cell.open -= base
    if (histogram === null) return
    histogram.boundsMs = null
    histogram.buckets.splice(histogram.buckets.indexOf(tracked), 1)
    if (histogram.buckets.length === 0) this.#histograms.delete(histogram.id)
  }

  #cellOf(key: CellKey): CellCounts {
    const id = dimensions.map(dimension => key[dimension]).join('\0')
    const cell = this.#cells.get(id) ?? new CellCounts(key)
    this.#cells.set(id, cell)
    return cell
  }

  /** An exposition with unreadable lines says nothing about what it does not show. */
  #forgetAbsent(report: ReadReport): void {
    for (const [tracked, text] of report.absent) {
      tracked.isShown = false
      if (report.problemCount > 0) this.#mislaid.set(text, tracked)
      else this.#forget(tracked)
    }
    if (report.problemCount > 0) return
    for (const tracked of this.#mislaid.values()) this.#forget(tracked)
    this.#mislaid.clear()
  }
}

type Counting = { readonly kind: 'baseline' | 'onward' | 'fromZero'; readonly sinceMs: number }

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
