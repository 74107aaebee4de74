import type { Buffer } from 'node:buffer'
import { matchesIgnoreCase } from '#proxy/http/header-block.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import { CR, HOST, LF, SPACE, TARGET, TOKEN } from './characters.ts'
import { MAX_EMPTY_LINES } from './head-reader.ts'
import { FAULTY, type Fault, HeaderLines, INCOMPLETE } from './header-lines.ts'
import { MessageFraming } from './message-framing.ts'

const LONGEST_METHOD = 32
const VERSION_BYTES = 8

/**
 * Parses request heads into one `HttpRequest`, used again for each. `parse` is called with all bytes of the head
 * so far; as long as `from` stays the same, lines already parsed are not read again.
 */
export class RequestParser {
  fault: Fault | null = null
  readonly framing = new MessageFraming()
  /** Read before the head that was parsed last, or before what there is of it. */
  emptyLines = 0
  private readonly lines: HeaderLines
  private isLineDone = false
  private from = 0

  constructor(private readonly request: HttpRequest) {
    this.lines = new HeaderLines(request.headers)
  }

  reset(): void {
    this.fault = null
    this.isLineDone = false
    this.lines.fault = null
    this.request.headers.reset()
  }

  /** Returns the offset past the head, `INCOMPLETE` or `FAULTY`. `from` is where the head begins. */
  parse(bytes: Buffer, from: number, to: number): number {
    const request = this.request
    if (!this.isLineDone || from !== this.from) {
      this.reset()
      this.from = from
      const position = this.parseLine(bytes, from, to)
      if (position < 0) return position
      this.isLineDone = true
      this.lines.position = position
    }
    request.bytes = bytes
    const end = this.lines.parse(bytes, this.lines.position, to)
    if (end < 0) {
      if (end === FAULTY) this.fault = this.lines.fault
      return end
    }
    const fault = this.framing.read(request.headers) ?? this.readAuthority()
    if (fault === null) return end
    this.fault = fault
    return FAULTY
  }

  private parseLine(bytes: Buffer, from: number, to: number): number {
    let i = from
    this.emptyLines = 0
    // A client may send empty lines before a request (RFC 9112, 2.2).
    while (i < to && bytes[i] === CR) {
      if (i + 1 >= to) return INCOMPLETE
      if (bytes[i + 1] !== LF) return this.refuse('bare CR')
      if (++this.emptyLines > MAX_EMPTY_LINES) return this.refuse('too many empty lines')
      i += 2
    }
    const methodStart = i
    while (i < to && TOKEN[bytes[i] as number] === 1) i++
    if (i - methodStart > LONGEST_METHOD) return this.refuse('invalid method')
    if (i >= to) return INCOMPLETE
    if (bytes[i] !== SPACE || i === methodStart) return this.refuse('invalid method')
    const methodEnd = i
    i++
    const targetStart = i
    while (i < to && TARGET[bytes[i] as number] === 1) i++
    if (i >= to) return INCOMPLETE
    if (bytes[i] !== SPACE || i === targetStart) return this.refuse('invalid target')
    const targetEnd = i
    i++
    if (i + VERSION_BYTES + 2 > to) return this.mayBeVersion(bytes, i, to)
    if (!matchesIgnoreCase(bytes, i + 5, '1.') || bytes.toString('latin1', i, i + 5) !== 'HTTP/')
      return this.refuse('invalid version')
    const minor = bytes[i + 7]
    if (minor !== 0x30 && minor !== 0x31) return this.refuse('invalid version')
    i += VERSION_BYTES
    if (bytes[i] !== CR) return this.refuse(bytes[i] === LF ? 'bare LF' : 'invalid version')
    if (bytes[i + 1] !== LF) return this.refuse('bare CR')
    this.request.isHttp10 = minor === 0x30
    this.request.method = methodName(bytes, methodStart, methodEnd)
    return this.readTarget(bytes, targetStart, targetEnd) ? i + 2 : this.refuse('invalid target')
  }

  /** The version is cut short: refuses what cannot become one, so that a wrong line never waits for more. */
  private mayBeVersion(bytes: Buffer, from: number, to: number): number {
    const text = bytes.toString('latin1', from, to)
    const isPrefix = 'HTTP/1.1\r\n'.startsWith(text) || 'HTTP/1.0\r\n'.startsWith(text)
    return isPrefix ? INCOMPLETE : this.refuse(text.includes('\n') ? 'bare LF' : 'invalid version')
  }

  /** Tells the four forms of RFC 9112, 3.2 apart; `false` for anything else. */
  private readTarget(bytes: Buffer, start: number, end: number): boolean {
    const request = this.request
    request.isAbsolute = false
    request.pathStart = start
    request.pathEnd = end
    request.authority = ''
    if (request.method === 'CONNECT') {
      request.authority = bytes.toString('latin1', start, end).toLowerCase()
      return isHost(bytes, start, end)
    }
    if (bytes[start] === 0x2f) return true
    if (bytes[start] === 0x2a && end - start === 1) return request.method === 'OPTIONS'
    if (end - start <= 7 || !matchesIgnoreCase(bytes, start, 'http://')) return false
    const hostStart = start + 7
    let hostEnd = hostStart
    while (hostEnd < end && HOST[bytes[hostEnd] as number] === 1) hostEnd++
    const next = bytes[hostEnd]
    if (hostEnd === hostStart || (hostEnd < end && next !== 0x2f && next !== 0x3f)) return false
    request.isAbsolute = true
    request.authority = bytes.toString('latin1', hostStart, hostEnd).toLowerCase()
    request.pathStart = hostEnd
    return true
  }

  private readAuthority(): Fault | null {
    const { request, framing } = this
    if (framing.hosts > 1) return 'more than one host'
    if (framing.hosts === 0) return request.isHttp10 ? null : 'missing host'
    const block = request.headers
    const start = block.valueStarts[framing.hostIndex] as number
    const end = block.valueEnds[framing.hostIndex] as number
    if (!isHost(block.bytes, start, end)) return 'invalid host'
    if (request.authority === '') request.authority = block.bytes.toString('latin1', start, end).toLowerCase()
    return null
  }

  private refuse(fault: Fault): number {
    this.fault = fault
    return FAULTY
  }
}

function isHost(bytes: Buffer, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (HOST[bytes[i] as number] === 0) return false
  return true
}

function methodName(bytes: Buffer, start: number, end: number): string {
  if (end - start === 3 && bytes[start] === 0x47 && bytes[start + 1] === 0x45 && bytes[start + 2] === 0x54)
    return 'GET'
  return bytes.toString('latin1', start, end)
}
