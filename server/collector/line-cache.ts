import { Buffer } from 'node:buffer'
import { readLine } from '#lib/metrics/exposition-reader.ts'
import { parseValue, type Series, textEnd } from '#lib/metrics/sample-line.ts'
import type { TrackedSeries } from './tracked-series.ts'

/** One line of the newest exposition. */
interface Line {
  /** `null` for comments and for series that nobody follows. */
  readonly tracked: TrackedSeries | null
  /** Where the value begins, from the start of the line; past every line for one that is not a sample. */
  readonly valueOffset: number
  /** Why it could not be read. */
  readonly problem: string | null
}

export interface ReadReport {
  readonly samples: number
  /** Lines that could not be read, and the first of them. */
  readonly problemCount: number
  readonly firstProblem: string | null
  /** Followed series of the exposition before that this one does not show, with their text as printed. */
  readonly absent: readonly (readonly [TrackedSeries, string])[]
}

/** Takes each newly read value; unchanged lines are not told. */
export type OnValue = (tracked: TrackedSeries, value: number | undefined) => void

const noValue = Number.MAX_SAFE_INTEGER
const lookAheadLines = 16
const longestRun = 256
const newline = 0x0a

/**
 * Remembers the lines of one target's newest exposition, so that an unchanged line costs a compare and a changed
 * number only its own reading. Lines may come, go and move.
 */
export class LineCache {
  readonly #track: (series: Series, text: string) => TrackedSeries | null
  #body: Buffer = Buffer.alloc(0)
  #lines: Line[] = []
  /** Where each line starts, and last where the body ends. */
  #starts = new Int32Array(1)

  /** `track` says who follows a series that was not there before; its text is the series as printed. */
  constructor(track: (series: Series, text: string) => TrackedSeries | null) {
    this.#track = track
  }

  /** Every series of the newest exposition that is followed. */
  *tracked(): Iterable<TrackedSeries> {
    for (const { tracked } of this.#lines) if (tracked !== null) yield tracked
  }

  /** Reads a whole text; marks the series that are in it as seen in `scrape`. The text must not change afterwards. */
  read(text: Buffer, scrape: number, onValue: OnValue): ReadReport {
    const body = endedByNewline(text)
    const reading = new Reading(body, this.#body, this.#lines, this.#starts, scrape, onValue, this.#track)
    reading.run()
    const absent = reading.absent()
    this.#body = body
    this.#lines = reading.lines
    this.#starts = Int32Array.from(reading.starts)
    return {
      samples: reading.samples,
      problemCount: reading.problemCount,
      firstProblem: reading.firstProblem,
      absent,
    }
  }
}

/** The same lines, the last one ended like the others, so that no line is the beginning of another. */
function endedByNewline(text: Buffer): Buffer {
  return text.length === 0 || text[text.length - 1] === newline
    ? text
    : Buffer.concat([text, Buffer.of(newline)])
}

class Reading {
  readonly lines: Line[] = []
  readonly starts: number[] = []
  samples = 0
  problemCount = 0
  firstProblem: string | null = null
  #at = 0
  /** The old line that is expected next. */
  #next = 0
  #run = 1
  /** Not every line followed the one that it followed before. */
  #isMoved = false
  #oldIndex: Map<string, number> | null = null
  /** Series that were not there before. */
  readonly #fresh = new Set<string>()
  readonly #body: Buffer
  readonly #oldBody: Buffer
  readonly #oldLines: readonly Line[]
  readonly #oldStarts: Int32Array
  readonly #scrape: number
  readonly #onValue: OnValue
  readonly #track: (series: Series, text: string) => TrackedSeries | null

  constructor(
    body: Buffer,
    oldBody: Buffer,
    oldLines: readonly Line[],
    oldStarts: Int32Array,
    scrape: number,
    onValue: OnValue,
    track: (series: Series, text: string) => TrackedSeries | null,
  ) {
    this.#body = body
    this.#oldBody = oldBody
    this.#oldLines = oldLines
    this.#oldStarts = oldStarts
    this.#scrape = scrape
    this.#onValue = onValue
    this.#track = track
  }

  run(): void {
    while (this.#at < this.#body.length) {
      if (!this.#takeRun() && !this.#takeKnown()) this.#takeOther()
    }
    this.starts.push(this.#body.length)
  }

  absent(): (readonly [TrackedSeries, string])[] {
    if (!this.#isMoved && this.#next === this.#oldLines.length) return []
    const absent: (readonly [TrackedSeries, string])[] = []
    for (const [i, { tracked, valueOffset }] of this.#oldLines.entries()) {
      if (tracked === null || tracked.seenIn === this.#scrape) continue
      const start = this.#oldStarts[i]!
      absent.push([tracked, this.#oldBody.toString('latin1', start, start + valueOffset).trim()])
    }
    return absent
  }

  /** Takes several lines that are byte for byte those expected; runs grow while that holds. */
  #takeRun(): boolean {
    const first = this.#next
    const last = first + this.#run
    if (this.#run === 1 || last > this.#oldLines.length) return false
    const oldStart = this.#oldStarts[first]!
    const oldEnd = this.#oldStarts[last]!
    const end = this.#at + oldEnd - oldStart
    if (!this.#isSame(oldStart, oldEnd, end)) {
      this.#run = 1
      return false
    }
    const moved = this.#at - oldStart
    for (let i = first; i < last; i++) this.#keep(this.#oldLines[i]!, this.#oldStarts[i]! + moved)
    this.#next = last
    this.#at = end
    if (this.#run < longestRun) this.#run *= 2
    return true
  }

  /** Takes a line that is one of the next old lines, with the same value or another. */
  #takeKnown(): boolean {
    const last = Math.min(this.#next + lookAheadLines, this.#oldLines.length)
    for (let i = this.#next; i < last; i++) {
      const { valueOffset } = this.#oldLines[i]!
      const oldStart = this.#oldStarts[i]!
      const oldEnd = valueOffset === noValue ? this.#oldStarts[i + 1]! : oldStart + valueOffset
      if (!this.#isSame(oldStart, oldEnd, this.#at + oldEnd - oldStart)) continue
      if (valueOffset !== noValue) {
        this.#takeValueOf(i)
        return true
      }
      this.#keep(this.#oldLines[i]!, this.#at)
      this.#at += oldEnd - oldStart
      this.#moveTo(i)
      return true
    }
    return false
  }

  /** Whether the bytes up to `end` are those of the old body, up to a newline or a value. */
  #isSame(oldStart: number, oldEnd: number, end: number): boolean {
    // Neighbours share long prefixes and differ near their ends: most misses show there.
    return (
      end <= this.#body.length &&
      this.#body[end - 3] === this.#oldBody[oldEnd - 3] &&
      this.#body[end - 4] === this.#oldBody[oldEnd - 4] &&
      this.#body.compare(this.#oldBody, oldStart, oldEnd, this.#at, end) === 0
    )
  }

  #moveTo(index: number): void {
    if (index !== this.#next) this.#isMoved = true
    this.#next = index + 1
  }

  #takeValueOf(index: number): void {
    const line = this.#oldLines[index]!
    const start = this.#at
    const valueStart = start + line.valueOffset
    let lineEnd = valueStart
    const oldValue = this.#oldStarts[index]! + line.valueOffset - valueStart
    let isSame = true
    while (lineEnd < this.#body.length && this.#body[lineEnd] !== newline) {
      isSame &&= this.#body[lineEnd] === this.#oldBody[lineEnd + oldValue]
      lineEnd++
    }
    isSame &&= lineEnd + oldValue === this.#oldStarts[index + 1]! - 1
    this.#moveTo(index)
    this.#at = lineEnd + 1
    if (isSame) this.#run = 2
    else if (line.tracked !== null) {
      this.#onValue(line.tracked, parseValue(this.#body, valueStart, textEnd(this.#body, start, lineEnd)))
    }
    this.#keep(line, start)
  }

  /** Takes a line that is not where it was, or was not there before. */
  #takeOther(): void {
    const start = this.#at
    const lineEnd = this.#lineEnd()
    this.#isMoved = true
    const read = readLine(this.#body, start, lineEnd)
    if (typeof read !== 'object') {
      this.#skip(read ?? null, lineEnd)
      return
    }
    const text = this.#body.toString('latin1', start, read.valueStart)
    const old = this.#oldLineOf(text)
    if (this.#fresh.has(text) || (old !== undefined && this.#isTaken(old))) {
      this.#skip(`expected each series once, got ${read.series.name} with the same labels again`, lineEnd)
      return
    }
    if (old !== undefined) {
      this.#takeValueOf(old)
      return
    }
    this.#fresh.add(text)
    const tracked = this.#track(read.series, text.trim())
    this.#at = lineEnd + 1
    this.#keep({ tracked, valueOffset: read.valueStart - start, problem: null }, start)
    if (tracked !== null) this.#onValue(tracked, read.value)
  }

  #skip(problem: string | null, lineEnd: number): void {
    const start = this.#at
    this.#at = lineEnd + 1
    this.#keep({ tracked: null, valueOffset: noValue, problem }, start)
  }

  #isTaken(index: number): boolean {
    return this.#oldLines[index]?.tracked?.seenIn === this.#scrape
  }

  #oldLineOf(text: string): number | undefined {
    if (this.#oldLines.length === 0) return undefined
    this.#oldIndex ??= new Map(
      this.#oldLines.flatMap(({ valueOffset }, i) => {
        const start = this.#oldStarts[i]!
        return valueOffset === noValue
          ? []
          : [[this.#oldBody.toString('latin1', start, start + valueOffset), i]]
      }),
    )
    return this.#oldIndex.get(text)
  }

  #keep(line: Line, start: number): void {
    this.lines.push(line)
    this.starts.push(start)
    if (line.valueOffset !== noValue) this.samples++
    if (line.tracked !== null) line.tracked.seenIn = this.#scrape
    if (line.problem !== null) {
      this.problemCount++
      this.firstProblem ??= `line ${this.lines.length}: ${line.problem}`
    }
  }

  #lineEnd(): number {
    const at = this.#body.indexOf(newline, this.#at)
    return at < 0 ? this.#body.length : at
  }
}
