import type { Buffer } from 'node:buffer'
import { readLine } from '#lib/metrics/exposition-reader.ts'
import { parseSeries, parseValue, type Series, textEnd } from '#lib/metrics/sample-line.ts'
import type { Steps } from './pieces.ts'
import { TooManySeriesError } from './too-many-series-error.ts'
import type { TrackedSeries } from './tracked-series.ts'

/** One line of an exposition. */
export interface Line {
  /** `null` for comments and for series that nobody follows. */
  tracked: TrackedSeries | null
  /** Where the value begins, from the start of the line; past every line for one that is not a sample. */
  readonly valueOffset: number
  /** Why it could not be read. */
  readonly problem: string | null
}

/** Who listens to a reading. Told nothing of a text that is refused. */
export interface LineListener {
  /** Says who follows a series that was not there before; `text` is it as printed, `parse` what that says. */
  track(text: string, parse: () => Series): TrackedSeries | null
  /** Takes each newly read value, `undefined` for what is no number; unchanged lines are not told. */
  onValue(tracked: TrackedSeries, value: number | undefined): void
}

/** A text that is no exposition: it was not taken, and what was read before still stands. */
export class NoExpositionError extends Error {
  override readonly name = 'NoExpositionError'
}

const maxLines = 1_000_000
/** Of lines that cannot be read. An exposition has some when two versions differ in what they print; this many are garbage. */
const maxProblems = 1_000
const noValue = Number.MAX_SAFE_INTEGER
const lookAheadLines = 16
const longestRun = 256
const newline = 0x0a
/** A line of no meaning; garbage holds millions of them. */
const blank: Line = { tracked: null, valueOffset: noValue, problem: null }
/** Lines between two steps: about a tenth of a millisecond. */
const linesPerStep = 64

/** One text compared with the one before it. */
export class Reading {
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
  /** Series that were not there before, by their text, with the number of their line. */
  readonly #fresh = new Map<string, number>()
  /** Lines that were there before with another value. */
  readonly #changed: number[] = []
  /** Old lines that are in this text too; each is 1. */
  readonly #taken: Uint8Array
  readonly #body: Buffer
  readonly #oldBody: Buffer
  readonly #oldLines: readonly Line[]
  readonly #oldStarts: Int32Array
  readonly #maxSeries: number

  constructor(
    body: Buffer,
    maxSeries: number,
    oldBody: Buffer,
    oldLines: readonly Line[],
    oldStarts: Int32Array,
  ) {
    this.#body = body
    this.#maxSeries = maxSeries
    this.#oldBody = oldBody
    this.#oldLines = oldLines
    this.#oldStarts = oldStarts
    this.#taken = new Uint8Array(oldLines.length)
  }

  /** Finds every line, and tells nobody. */
  *run(): Steps<void> {
    for (let i = 1; this.#at < this.#body.length; i++) {
      if (!this.#takeRun() && !this.#takeKnown()) {
        if (this.#oldIndex === null && this.#oldLines.length > 0) yield* this.#indexOld()
        this.#takeOther()
      }
      if (this.problemCount > maxProblems) {
        const { length } = this.lines
        throw new NoExpositionError(
          `expected an exposition, got over ${maxProblems} unreadable lines in the first ${length}: ${this.firstProblem}`,
        )
      }
      if (this.samples > this.#maxSeries) throw new TooManySeriesError(this.#maxSeries)
      if (this.lines.length > maxLines)
        throw new NoExpositionError(`expected at most ${maxLines} lines, got more`)
      if (i % linesPerStep === 0) yield
    }
    this.starts.push(this.#body.length)
  }

  *absent(): Steps<(readonly [TrackedSeries, string])[]> {
    const absent: (readonly [TrackedSeries, string])[] = []
    if (!this.#isMoved && this.#next === this.#oldLines.length) return absent
    for (let i = 0; i < this.#oldLines.length; i++) {
      if (i % longestRun === 0) yield
      const { tracked, valueOffset } = this.#oldLines[i]!
      if (tracked === null || this.#taken[i] === 1) continue
      const start = this.#oldStarts[i]!
      absent.push([tracked, this.#oldBody.toString('latin1', start, start + valueOffset).trim()])
    }
    return absent
  }

  /** Tells what was found. */
  *tell(listener: LineListener): Steps<void> {
    let told = 0
    for (const [text, index] of this.#fresh) {
      if (++told % linesPerStep === 0) yield
      const line = this.lines[index]!
      line.tracked = listener.track(text.trim(), () => this.#seriesOf(index))
      if (line.tracked !== null) listener.onValue(line.tracked, this.#valueOf(index))
    }
    for (const index of this.#changed) {
      if (++told % linesPerStep === 0) yield
      const { tracked } = this.lines[index]!
      if (tracked !== null) listener.onValue(tracked, this.#valueOf(index))
    }
  }

  #seriesOf(index: number): Series {
    const start = this.starts[index]!
    const parsed = parseSeries(this.#body, start, this.#textEndOf(index))
    if (typeof parsed === 'string') throw new TypeError(`Cannot read a series again: ${parsed}`)
    return parsed.series
  }

  #valueOf(index: number): number | undefined {
    const valueStart = this.starts[index]! + this.lines[index]!.valueOffset
    return parseValue(this.#body, valueStart, this.#textEndOf(index))
  }

  #textEndOf(index: number): number {
    return textEnd(this.#body, this.starts[index]!, this.starts[index + 1]! - 1)
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
    if (this.#isMoved && this.#taken.subarray(first, last).includes(1)) {
      this.#run = 1
      return false
    }
    const moved = this.#at - oldStart
    for (let i = first; i < last; i++) this.#keep(this.#oldLines[i]!, this.#oldStarts[i]! + moved)
    this.#taken.fill(1, first, last)
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
      if (this.#taken[i] === 1 && valueOffset !== noValue) continue
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
    this.#taken[index] = 1
    if (isSame) this.#run = 2
    else this.#changed.push(this.lines.length)
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
    if (this.#fresh.has(text) || (old !== undefined && this.#taken[old] === 1)) {
      this.#skip(`expected each series once, got ${read.series.name} with the same labels again`, lineEnd)
      return
    }
    if (old !== undefined) {
      this.#takeValueOf(old)
      return
    }
    this.#fresh.set(text, this.lines.length)
    this.#at = lineEnd + 1
    this.#keep({ tracked: null, valueOffset: read.valueStart - start, problem: null }, start)
  }

  #skip(problem: string | null, lineEnd: number): void {
    const start = this.#at
    this.#at = lineEnd + 1
    this.#keep(problem === null ? blank : { ...blank, problem }, start)
  }

  #oldLineOf(text: string): number | undefined {
    return this.#oldIndex?.get(text)
  }

  *#indexOld(): Steps<void> {
    const index = new Map<string, number>()
    for (let i = 0; i < this.#oldLines.length; i++) {
      if (i % longestRun === 0) yield
      const { valueOffset } = this.#oldLines[i]!
      const start = this.#oldStarts[i]!
      if (valueOffset !== noValue) index.set(this.#oldBody.toString('latin1', start, start + valueOffset), i)
    }
    this.#oldIndex = index
  }

  #keep(line: Line, start: number): void {
    this.lines.push(line)
    this.starts.push(start)
    if (line.valueOffset !== noValue) this.samples++
    if (line.problem !== null) {
      this.problemCount++
      this.firstProblem ??= `line ${this.lines.length}: ${line.problem}`
    }
  }

  #lineEnd(): number {
    return this.#body.indexOf(newline, this.#at)
  }
}
