import { Buffer } from 'node:buffer'
import { LF } from './characters.ts'
import { FAULTY, type Fault, INCOMPLETE } from './header-lines.ts'

/** Before one head; more say nothing. */
export const MAX_EMPTY_LINES = 8

const NOTHING = Buffer.alloc(0)

interface HeadParser {
  fault: Fault | null
  /** Before the head. */
  readonly emptyLines: number
  reset(): void
  parse(bytes: Buffer, from: number, to: number): number
}

const EMPTY_LINE_BYTES = 2

/**
 * Feeds a parser from reads that cut heads anywhere. A head within one read is parsed in place; one that spans
 * several is gathered in a buffer of its own, of at most `maxBytes`. Empty lines alone begin no head.
 */
export class HeadReader {
  fault: Fault | null = null
  private gathered: Buffer = NOTHING
  private gatheredBytes = 0
  /** That came alone, before the next head. */
  private emptyLines = 0

  constructor(
    private readonly parser: HeadParser,
    private readonly maxBytes: number,
  ) {}

  /** Whether part of a head is held. */
  get isBegun(): boolean {
    return this.gatheredBytes > 0
  }

  /** Returns the offset in `bytes` past the head, `INCOMPLETE` (all was taken) or `FAULTY`. */
  read(bytes: Buffer, from: number, to: number): number {
    if (this.gatheredBytes === 0) {
      this.parser.reset()
      const end = this.parser.parse(bytes, from, to)
      if (end === FAULTY) return this.refuse(this.parser.fault)
      if (end !== INCOMPLETE)
        return end - from > this.maxBytes ? this.refuse('head too large') : this.whole(end)
      if (to - from >= this.maxBytes) return this.refuse('head too large')
      if (!this.isOnlyEmpty(to - from)) this.gather(bytes, from, to)
      return this.isOverEmpty ? this.refuse('too many empty lines') : INCOMPLETE
    }
    const before = this.gatheredBytes
    this.gather(bytes, from, Math.min(to, from + this.maxBytes + 1 - before))
    // Without a line's end there is nothing new to parse; so a head sent byte by byte stays cheap.
    const hasLine = this.gathered.subarray(before, this.gatheredBytes).includes(LF)
    const end = hasLine ? this.parser.parse(this.gathered, 0, this.gatheredBytes) : INCOMPLETE
    if (end === FAULTY) return this.refuse(this.parser.fault)
    if (end === INCOMPLETE) {
      if (this.gatheredBytes > this.maxBytes) return this.refuse('head too large')
      if (hasLine && this.isOnlyEmpty(this.gatheredBytes)) this.forget()
      return this.isOverEmpty ? this.refuse('too many empty lines') : INCOMPLETE
    }
    if (end > this.maxBytes) return this.refuse('head too large')
    this.forget()
    return this.whole(from + end - before)
  }

  /** The head is read, up to `end`. */
  private whole(end: number): number {
    const isOver = this.emptyLines + this.parser.emptyLines > MAX_EMPTY_LINES
    this.emptyLines = 0
    return isOver ? this.refuse('too many empty lines') : end
  }

  /** Whether so many bytes, which the parser has seen, are empty lines; then they are counted. */
  private isOnlyEmpty(bytes: number): boolean {
    const { emptyLines } = this.parser
    if (emptyLines * EMPTY_LINE_BYTES !== bytes) return false
    this.emptyLines += emptyLines
    return true
  }

  private get isOverEmpty(): boolean {
    return this.emptyLines > MAX_EMPTY_LINES
  }

  private forget(): void {
    this.gathered = NOTHING
    this.gatheredBytes = 0
  }

  private gather(bytes: Buffer, from: number, to: number): void {
    const needed = this.gatheredBytes + to - from
    if (needed > this.gathered.length) {
      const larger = Buffer.allocUnsafe(Math.max(1024, needed * 2))
      this.gathered.copy(larger, 0, 0, this.gatheredBytes)
      this.gathered = larger
    }
    bytes.copy(this.gathered, this.gatheredBytes, from, to)
    this.gatheredBytes = needed
  }

  private refuse(fault: Fault | null): number {
    this.fault = fault
    this.forget()
    return FAULTY
  }
}
