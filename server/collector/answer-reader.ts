import type { Buffer } from 'node:buffer'
import type { BodyBuffers } from './body-buffers.ts'
import { TooManySeriesError } from './too-many-series-error.ts'

/** How the body of an answer ends. */
type Framing =
  | { readonly kind: 'head' }
  | { readonly kind: 'length'; readonly endsAt: number }
  /** `at` is where the next chunk's size stands, `writtenTo` the end of the body so far, which moves to its start. */
  | { kind: 'chunks'; at: number; writtenTo: number }
  | { readonly kind: 'untilEnd' }
  /** A body of chunks ends, at `bodyTo`, before its last chunk does. */
  | { readonly kind: 'whole'; readonly bodyTo: number; readonly endsAt: number }

/** Bytes that are no answer of HTTP/1, or one that is too large. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
  readonly isTooLarge: boolean

  constructor(message: string, isTooLarge = false) {
    super(message)
    this.isTooLarge = isTooLarge
  }
}

/** How large an answer may be. */
export interface AnswerLimits {
  readonly maxBodyBytes: number
  /** Of an exposition; with many more lines, no more of it is read. */
  readonly maxSeries: number
}

const newline = 0x0a
/** Lines of an exposition that are no series, generously. */
const mostCommentLines = 10_000
const maxHeadBytes = 16_384
const maxSizeLineBytes = 1_024
/** `space()` has at least so much. */
export const leastSpaceBytes = 16_384

/**
 * Reads one answer of HTTP/1 into memory of its own: the socket writes to `space()`, and `took()` says how much that
 * was. The body is a part of that memory, without a copy.
 */
export class AnswerReader {
  status = 0
  /** Of the content, in lower case; empty when nothing is said. */
  encoding = ''
  /** Whether the connection may be used again. */
  isKept = false
  readonly #buffers: BodyBuffers
  readonly #limits: AnswerLimits
  /** How far lines were counted, and how many there were. */
  #countedTo = 0
  #lines = 0
  #buffer: Buffer
  #end = 0
  #bodyStart = 0
  #framing: Framing = { kind: 'head' }

  constructor(buffers: BodyBuffers, expectedBytes: number, limits: AnswerLimits) {
    this.#buffers = buffers
    this.#limits = limits
    this.#buffer = buffers.take(Math.max(expectedBytes, 2 * leastSpaceBytes))
  }

  /** All memory of the answer; whoever is done with the body gives it back. */
  get memory(): Buffer {
    return this.#buffer
  }

  /** Bytes that came so far, with the head. */
  get sizeBytes(): number {
    return this.#end
  }

  /** The body, or as much of it as is there. */
  get body(): Buffer {
    return this.#buffer.subarray(this.#bodyStart, this.#bodyEnd())
  }

  /** Where the next bytes belong. */
  space(): Buffer {
    if (this.#isFull) {
      const larger = this.#buffers.take(this.#buffer.length * 2)
      this.#buffer.copy(larger, 0, 0, this.#end)
      this.#buffers.give(this.#buffer)
      this.#buffer = larger
    }
    return this.#buffer.subarray(this.#end)
  }

  /**
   * Takes the bytes that were written to `space()`, and says whether the answer is whole. Throws an UnreadableAnswer or a
   * TooManySeriesError.
   */
  took(bytes: number): boolean {
    this.#end += bytes
    if (this.#framing.kind === 'head') this.#readHead()
    if (this.#framing.kind === 'chunks') this.#readChunks(this.#framing)
    const { kind } = this.#framing
    if (kind === 'length' && this.#end >= this.#framing.endsAt)
      this.#framing = { kind: 'whole', bodyTo: this.#framing.endsAt, endsAt: this.#framing.endsAt }
    const { maxBodyBytes } = this.#limits
    if (this.body.length > maxBodyBytes)
      throw new UnreadableAnswer(`expected at most ${maxBodyBytes} bytes, got more`, true)
    if (this.#isFull && this.#framing.kind !== 'whole') this.#refuseManyLines()
    // What follows an answer that nobody asked for is no start of the next.
    if (this.#framing.kind === 'whole' && this.#framing.endsAt !== this.#end) this.isKept = false
    return this.#framing.kind === 'whole'
  }

  /** Says whether the answer is whole, now that the connection has ended. */
  ended(): boolean {
    return this.#framing.kind === 'untilEnd' || this.#framing.kind === 'whole'
  }

  get #isFull(): boolean {
    return this.#buffer.length - this.#end < leastSpaceBytes
  }

  /** Lines are counted where more memory has to be found: of an answer like the one before, none are. */
  #refuseManyLines(): void {
    const { body } = this
    const { maxSeries } = this.#limits
    for (;;) {
      const at = body.indexOf(newline, this.#countedTo)
      if (at < 0) return
      this.#countedTo = at + 1
      if (++this.#lines > maxSeries + mostCommentLines) throw new TooManySeriesError(maxSeries)
    }
  }

  #bodyEnd(): number {
    switch (this.#framing.kind) {
      case 'head':
        return this.#bodyStart
      case 'length':
        return Math.min(this.#end, this.#framing.endsAt)
      case 'chunks':
        return this.#framing.writtenTo
      case 'untilEnd':
        return this.#end
      case 'whole':
        return this.#framing.bodyTo
    }
  }

  #readHead(): void {
    const filled = this.#buffer.subarray(0, this.#end)
    const endsAt = filled.indexOf('\r\n\r\n', this.#bodyStart, 'latin1')
    const first = filled.toString('latin1', this.#bodyStart, this.#bodyStart + 5)
    if (!'HTTP/'.startsWith(first)) throw new UnreadableAnswer('expected an answer of HTTP/1')
    if (endsAt < 0) {
      if (this.#end - this.#bodyStart > maxHeadBytes)
        throw new UnreadableAnswer('the head of the answer is too long')
      return
    }
    const [statusLine = '', ...lines] = filled.toString('latin1', this.#bodyStart, endsAt).split('\r\n')
    const [, minor, status] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(statusLine) ?? []
    if (minor === undefined) throw new UnreadableAnswer('expected an answer of HTTP/1')
    this.#bodyStart = endsAt + 4
    this.status = Number(status)
    if (this.status < 200) {
      this.#readHead()
      return
    }
    const headers = new Map<string, string>()
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon > 0)
        headers.set(
          line.slice(0, colon).toLowerCase(),
          line
            .slice(colon + 1)
            .trim()
            .toLowerCase(),
        )
    }
    this.encoding = headers.get('content-encoding') ?? ''
    const connection = headers.get('connection') ?? ''
    this.isKept = minor === '1' ? !connection.includes('close') : connection.includes('keep-alive')
    this.#framing = this.#framingOf(headers)
  }

  #framingOf(headers: ReadonlyMap<string, string>): Framing {
    const coding = headers.get('transfer-encoding')
    if (coding !== undefined) {
      if (coding !== 'chunked')
        throw new UnreadableAnswer(`expected chunks or a length, got the coding ${coding}`)
      return { kind: 'chunks', at: this.#bodyStart, writtenTo: this.#bodyStart }
    }
    const length = headers.get('content-length')
    if (this.status === 204 || this.status === 304)
      return { kind: 'whole', bodyTo: this.#bodyStart, endsAt: this.#bodyStart }
    if (length === undefined) {
      this.isKept = false
      return { kind: 'untilEnd' }
    }
    if (!/^\d{1,15}$/.test(length))
      throw new UnreadableAnswer(`expected a number as content-length, got ${length}`)
    return { kind: 'length', endsAt: this.#bodyStart + Number(length) }
  }

  /** Moves chunks that are wholly there to the end of the body. */
  #readChunks(chunks: Extract<Framing, { kind: 'chunks' }>): void {
    for (;;) {
      const lineEnd = this.#lineEnd(chunks.at, maxSizeLineBytes)
      if (lineEnd < 0) return
      const size = /^([0-9a-f]{1,8})\s*(?:;|$)/i.exec(
        this.#buffer.toString('latin1', chunks.at, lineEnd),
      )?.[1]
      if (size === undefined) throw new UnreadableAnswer('expected the size of a chunk')
      const start = lineEnd + 2
      const sizeBytes = Number.parseInt(size, 16)
      if (sizeBytes === 0) {
        this.#readTrailers(start, chunks.writtenTo)
        return
      }
      if (chunks.writtenTo - this.#bodyStart + sizeBytes > this.#limits.maxBodyBytes)
        throw new UnreadableAnswer(`expected at most ${this.#limits.maxBodyBytes} bytes, got more`, true)
      if (this.#end < start + sizeBytes + 2) return
      this.#buffer.copyWithin(chunks.writtenTo, start, start + sizeBytes)
      chunks.writtenTo += sizeBytes
      chunks.at = start + sizeBytes + 2
    }
  }

  #readTrailers(start: number, bodyTo: number): void {
    let at = start
    for (;;) {
      const lineEnd = this.#lineEnd(at, maxHeadBytes)
      if (lineEnd < 0) return
      if (lineEnd === at) {
        this.#framing = { kind: 'whole', bodyTo, endsAt: lineEnd + 2 }
        return
      }
      at = lineEnd + 2
    }
  }

  /** Where the line ends that starts at `start`; -1 when its end is not there yet. */
  #lineEnd(start: number, maxBytes: number): number {
    const end = this.#buffer.subarray(0, this.#end).indexOf('\r\n', start, 'latin1')
    if (end < 0 && this.#end - start > maxBytes)
      throw new UnreadableAnswer('a line of the answer is too long')
    return end
  }
}
