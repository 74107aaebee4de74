import type { Buffer } from 'node:buffer'
import { type HeaderBlock, MAX_HEADERS } from '#proxy/http/header-block.ts'
import { COLON, CR, LF, SPACE, TAB, TOKEN, VALUE } from './characters.ts'
import { knownHeader } from './known-header.ts'

/** Why a message is refused. The text goes into logs and error headers. */
export type Fault =
  | 'bare CR'
  | 'bare LF'
  | 'line folding'
  | 'invalid header name'
  | 'invalid header value'
  | 'too many empty lines'
  | 'invalid method'
  | 'invalid target'
  | 'invalid version'
  | 'invalid status line'
  | 'invalid content-length'
  | 'more than one content-length'
  | 'content-length with transfer-encoding'
  | 'unsupported transfer-encoding'
  | 'missing host'
  | 'more than one host'
  | 'invalid host'
  | 'invalid chunk size'
  | 'invalid chunk'
  | 'invalid trailer'
  | 'too many headers'
  | 'head too large'

/** What a parser says when it needs more bytes. */
export const INCOMPLETE = -1
/** What a parser says when it refuses; its `fault` says why. */
export const FAULTY = -2

/** Parses header lines into a block, and takes up at the unfinished line when more bytes are there. */
export class HeaderLines {
  fault: Fault | null = null
  /** Where the first unfinished line begins. */
  position = 0

  constructor(private readonly block: HeaderBlock) {}

  /** Returns the offset past the empty line that ends the headers, `INCOMPLETE` or `FAULTY`. */
  parse(bytes: Buffer, from: number, to: number): number {
    const block = this.block
    block.bytes = bytes
    let i = from
    for (;;) {
      const nameStart = i
      this.position = nameStart
      if (i >= to) return INCOMPLETE
      const first = bytes[i]
      if (first === CR) {
        if (i + 1 >= to) return INCOMPLETE
        if (bytes[i + 1] !== LF) return this.refuse('bare CR')
        block.end = i
        return i + 2
      }
      if (first === LF) return this.refuse('bare LF')
      if (first === SPACE || first === TAB) return this.refuse('line folding')
      while (i < to && TOKEN[bytes[i] as number] === 1) i++
      if (i >= to) return INCOMPLETE
      if (bytes[i] !== COLON || i === nameStart) return this.refuse('invalid header name')
      const nameEnd = i
      i++
      while (i < to && (bytes[i] === SPACE || bytes[i] === TAB)) i++
      const valueStart = i
      while (i < to && VALUE[bytes[i] as number] === 1) i++
      if (i >= to) return INCOMPLETE
      if (bytes[i] !== CR) return this.refuse(bytes[i] === LF ? 'bare LF' : 'invalid header value')
      if (i + 1 >= to) return INCOMPLETE
      if (bytes[i + 1] !== LF) return this.refuse('bare CR')
      let valueEnd = i
      while (valueEnd > valueStart && (bytes[valueEnd - 1] === SPACE || bytes[valueEnd - 1] === TAB))
        valueEnd--
      i += 2
      const index = block.count
      if (index === MAX_HEADERS) return this.refuse('too many headers')
      block.nameStarts[index] = nameStart
      block.nameEnds[index] = nameEnd
      block.valueStarts[index] = valueStart
      block.valueEnds[index] = valueEnd
      block.known[index] = knownHeader(bytes, nameStart, nameEnd)
      block.count = index + 1
      block.end = i
    }
  }

  private refuse(fault: Fault): number {
    this.fault = fault
    return FAULTY
  }
}
