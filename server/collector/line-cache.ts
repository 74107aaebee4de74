import { Buffer } from 'node:buffer'
import { type Line, type LineListener, Reading } from './line-reading.ts'
import type { Steps } from './pieces.ts'
import type { TrackedSeries } from './tracked-series.ts'

export interface ReadReport {
  readonly samples: number
  /** Lines that could not be read, and the first of them. */
  readonly problemCount: number
  readonly firstProblem: string | null
  /** Followed series of the exposition before that this one does not show, with their text as printed. */
  readonly absent: readonly (readonly [TrackedSeries, string])[]
}

/**
 * Remembers the lines of one target's newest exposition, so that an unchanged line costs a compare and a changed
 * number only its own reading. Lines may come, go and move.
 */
export class LineCache {
  readonly #listener: LineListener
  #body: Buffer = Buffer.alloc(0)
  #lines: Line[] = []
  /** Where each line starts, and last where the body ends. */
  #starts: Int32Array = new Int32Array(1)

  constructor(listener: LineListener) {
    this.#listener = listener
  }

  /** Every series of the newest exposition that is followed. */
  *tracked(): Iterable<TrackedSeries> {
    for (const { tracked } of this.#lines) if (tracked !== null) yield tracked
  }

  /** The number of a followed line, its series as printed, and its value; `null` when the newest exposition has none such. */
  find(isWanted: (tracked: TrackedSeries) => boolean): FoundLine | null {
    const index = this.#lines.findIndex(({ tracked }) => tracked !== null && isWanted(tracked))
    const line = this.#lines[index]
    if (line === undefined) return null
    const start = this.#starts[index]!
    const text = this.#body.toString('utf8', start, this.#starts[index + 1]!)
    const series = this.#body.toString('utf8', start, start + line.valueOffset)
    return { number: index + 1, series: series.trim(), value: text.slice(series.length).trim() }
  }

  /**
   * Reads a whole text, each line of which ends in a newline. The text must not change until the next one was read.
   * Throws a TooManySeriesError for one of more than `maxSeries` series, and a NoExpositionError for one of more than
   * 1,000,000 lines, or more than 1,000 that cannot be read.
   */
  *read(body: Buffer, maxSeries = Number.POSITIVE_INFINITY): Steps<ReadReport> {
    const reading = new Reading(body, maxSeries, this.#body, this.#lines, this.#starts)
    yield* reading.run()
    const absent = yield* reading.absent()
    yield* reading.tell(this.#listener)
    this.#body = body
    this.#lines = reading.lines
    this.#starts = new Int32Array(reading.starts)
    return {
      samples: reading.samples,
      problemCount: reading.problemCount,
      firstProblem: reading.firstProblem,
      absent,
    }
  }
}

interface FoundLine {
  readonly number: number
  readonly series: string
  readonly value: string
}
