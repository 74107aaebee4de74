import type { Buffer } from 'node:buffer'
import type { HttpResponse } from '#proxy/http/message.ts'
import { CR, LF, SPACE, VALUE } from './characters.ts'
import { FAULTY, type Fault, HeaderLines, INCOMPLETE } from './header-lines.ts'
import { MessageFraming } from './message-framing.ts'

/** `HTTP/1.1 200` */
const STATUS_BYTES = 12

/** Parses response heads into one `HttpResponse`, used again for each. Called as `RequestParser` is. */
export class ResponseParser {
  fault: Fault | null = null
  readonly framing = new MessageFraming()
  readonly emptyLines = 0
  private readonly lines: HeaderLines
  private isLineDone = false
  private from = 0

  constructor(private readonly response: HttpResponse) {
    this.lines = new HeaderLines(response.headers)
  }

  reset(): void {
    this.fault = null
    this.isLineDone = false
    this.lines.fault = null
    this.response.headers.reset()
  }

  /** Returns the offset past the head, `INCOMPLETE` or `FAULTY`. */
  parse(bytes: Buffer, from: number, to: number): number {
    if (!this.isLineDone || from !== this.from) {
      this.reset()
      this.from = from
      const position = this.parseLine(bytes, from, to)
      if (position < 0) return position
      this.isLineDone = true
      this.lines.position = position
    }
    const end = this.lines.parse(bytes, this.lines.position, to)
    if (end < 0) {
      if (end === FAULTY) this.fault = this.lines.fault
      return end
    }
    const fault = this.framing.read(this.response.headers)
    if (fault !== null) return this.refuse(fault)
    if (this.response.isHttp10 && this.framing.isChunked) return this.refuse('unsupported transfer-encoding')
    return end
  }

  private parseLine(bytes: Buffer, from: number, to: number): number {
    if (to - from < STATUS_BYTES + 1) {
      const known = bytes.toString('latin1', from, Math.min(to, from + 7))
      return 'HTTP/1.'.startsWith(known) ? INCOMPLETE : this.refuse('invalid status line')
    }
    if (bytes.toString('latin1', from, from + 7) !== 'HTTP/1.') return this.refuse('invalid status line')
    const minor = bytes[from + 7]
    const status = statusAt(bytes, from + 9)
    if ((minor !== 0x30 && minor !== 0x31) || bytes[from + 8] !== SPACE || status < 100)
      return this.refuse('invalid status line')
    let i = from + STATUS_BYTES
    if (bytes[i] !== SPACE && bytes[i] !== CR) return this.refuse('invalid status line')
    if (bytes[i] === SPACE) i++
    const reasonStart = i
    while (i < to && VALUE[bytes[i] as number] === 1) i++
    if (i >= to) return INCOMPLETE
    if (bytes[i] !== CR) return this.refuse(bytes[i] === LF ? 'bare LF' : 'invalid status line')
    if (i + 1 >= to) return INCOMPLETE
    if (bytes[i + 1] !== LF) return this.refuse('bare CR')
    const response = this.response
    response.isHttp10 = minor === 0x30
    response.status = status
    response.reasonStart = reasonStart
    response.reasonEnd = i
    return i + 2
  }

  private refuse(fault: Fault): number {
    this.fault = fault
    return FAULTY
  }
}

/** The three digits at `at`; -1 when they are not. */
function statusAt(bytes: Buffer, at: number): number {
  let status = 0
  for (let i = at; i < at + 3; i++) {
    const digit = (bytes[i] as number) - 0x30
    if (digit < 0 || digit > 9) return -1
    status = status * 10 + digit
  }
  return status
}
