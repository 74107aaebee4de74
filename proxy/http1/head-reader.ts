import { Buffer } from 'node:buffer'
import { LF } from './characters.ts'
import { FAULTY, type Fault, INCOMPLETE } from './header-lines.ts'

const NOTHING = Buffer.alloc(0)

interface HeadParser {
  fault: Fault | null
  reset(): void
  parse(bytes: Buffer, from: number, to: number): number
}

/**
 * Feeds a parser from reads that cut heads anywhere. A head within one read is parsed in place; one that spans
 * several is gathered in a buffer of its own, of at most `maxBytes`.
 */
export class HeadReader {
  fault: Fault | null = null
  private gathered: Buffer = NOTHING
  private gatheredBytes = 0

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
      if (end === INCOMPLETE) {
        if (to - from >= this.maxBytes) return this.refuse('head too large')
        this.gather(bytes, from, to)
      } else if (end === FAULTY) return this.refuse(this.parser.fault)
      else if (end - from > this.maxBytes) return this.refuse('head too large')
      return end
    }
    const before = this.gatheredBytes
    this.gather(bytes, from, Math.min(to, from + this.maxBytes + 1 - before))
    // Without a line's end there is nothing new to parse; so a head sent byte by byte stays cheap.
    const hasLine = this.gathered.subarray(before, this.gatheredBytes).includes(LF)
    const end = hasLine ? this.parser.parse(this.gathered, 0, this.gatheredBytes) : INCOMPLETE
    if (end === FAULTY) return this.refuse(this.parser.fault)
    if (end === INCOMPLETE) {
      return this.gatheredBytes > this.maxBytes ? this.refuse('head too large') : INCOMPLETE
    }
    if (end > this.maxBytes) return this.refuse('head too large')
    this.gathered = NOTHING
    this.gatheredBytes = 0
    return from + end - before
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
    this.gathered = NOTHING
    this.gatheredBytes = 0
    return FAULTY
  }
}
