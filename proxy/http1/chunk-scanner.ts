import { Buffer } from 'node:buffer'
import { type HeaderBlock, Known } from '#proxy/http/header-block.ts'
import { CR, HEX, LF } from './characters.ts'
import { type ExtensionPart, mayEndAfter, nextExtensionPart } from './chunk-extension.ts'
import { HeadReader } from './head-reader.ts'
import { FAULTY, type Fault, HeaderLines, INCOMPLETE } from './header-lines.ts'

/** Fourteen hexadecimal digits stay below 2^56; more than 2^53 is refused too. */
const MAX_SIZE_DIGITS = 14
const MAX_EXTENSION_BYTES = 1024
const SEMICOLON = 0x3b
/** Headers that frame a message, route it, or are about its connection. */
const NEVER_TRAILERS = [
  Known.contentLength,
  Known.transferEncoding,
  Known.host,
  Known.connection,
  Known.keepAlive,
  Known.proxyConnection,
  Known.upgrade,
]

const NOTHING = Buffer.alloc(0)

type State =
  | 'size'
  | 'extension'
  | 'size line feed'
  | 'data'
  | 'data return'
  | 'data line feed'
  | 'trailers'
  | 'done'

/**
 * Follows a chunked body (RFC 9112, 7.1) through reads that cut it anywhere. After `scan`, `dataStart` to
 * `dataEnd` are the bytes to pass on: of one chunk's data, or, with framing kept, of everything checked so far
 * but the last chunk.
 */
export class ChunkScanner {
  fault: Fault | null = null
  dataStart = 0
  dataEnd = 0
  /** With framing kept, else empty: a size line that the previous read cut, written anew; goes before the data. */
  carried: Buffer = NOTHING
  /** Of all chunks so far. */
  payloadBytes = 0
  private state: State = 'size'
  private size = 0
  private digits = 0
  private extension: ExtensionPart = 'semicolon'
  private extensionBytes = 0
  private remaining = 0
  private readonly trailerReader: HeadReader
  private isFirstTrailerByte = true

  constructor(
    private readonly block: HeaderBlock,
    maxTrailerBytes: number,
  ) {
    this.trailerReader = new HeadReader(new TrailerParser(block), maxTrailerBytes)
  }

  get isDone(): boolean {
    return this.state === 'done'
  }

  get trailers(): HeaderBlock | null {
    return this.block.count > 0 ? this.block : null
  }

  reset(): void {
    this.fault = null
    this.carried = NOTHING
    this.payloadBytes = 0
    this.state = 'size'
    this.size = 0
    this.digits = 0
    this.extensionBytes = 0
    this.isFirstTrailerByte = true
    this.block.reset()
  }

  /** Returns where it stopped: `to`, after one chunk's data when framing is not kept, or past the body's end. */
  scan(bytes: Buffer, from: number, to: number, keepFraming: boolean): number {
    this.dataStart = from
    this.dataEnd = from
    this.carried = NOTHING
    let i = from
    let isLineCut = this.state === 'size' ? this.digits > 0 : this.isInSizeLine()
    while (i < to) {
      switch (this.state) {
        case 'size': {
          const byte = bytes[i] as number
          const digit = HEX[byte] as number
          if (digit !== 255) {
            if (++this.digits > MAX_SIZE_DIGITS) return this.refuse('invalid chunk size', i)
            this.size = this.size * 16 + digit
          } else if (this.digits === 0 || this.size > Number.MAX_SAFE_INTEGER)
            return this.refuse('invalid chunk size', i)
          else if (byte === CR) this.state = 'size line feed'
          else if (byte === SEMICOLON) {
            this.state = 'extension'
            this.extension = 'semicolon'
          } else return this.refuse(byte === LF ? 'bare LF' : 'invalid chunk size', i)
          i++
          break
        }
        case 'extension': {
          const byte = bytes[i] as number
          if (byte === CR && mayEndAfter(this.extension)) this.state = 'size line feed'
          else {
            const next = nextExtensionPart(this.extension, byte)
            if (next === null || ++this.extensionBytes > MAX_EXTENSION_BYTES)
              return this.refuse(byte === LF ? 'bare LF' : 'invalid chunk size', i)
            this.extension = next
          }
          i++
          break
        }
        case 'size line feed': {
          if (bytes[i] !== LF) return this.refuse('bare CR', i)
          i++
          if (this.size === 0) {
            this.state = 'trailers'
            break
          }
          this.state = 'data'
          this.remaining = this.size
          if (!keepFraming) this.dataStart = i
          else if (isLineCut) {
            this.carried = Buffer.from(`${this.size.toString(16)}\r\n`, 'latin1')
            this.dataStart = i
          }
          this.dataEnd = i
          isLineCut = false
          break
        }
        case 'data': {
          if (!keepFraming && this.dataEnd === from) this.dataStart = i
          const end = Math.min(to, i + this.remaining)
          this.remaining -= end - i
          this.payloadBytes += end - i
          i = end
          this.dataEnd = i
          if (this.remaining === 0) {
            this.state = 'data return'
            if (!keepFraming) return i
          }
          break
        }
        case 'data return':
          if (bytes[i] !== CR) return this.refuse('invalid chunk', i)
          this.state = 'data line feed'
          i++
          if (keepFraming) this.dataEnd = i
          break
        case 'data line feed':
          if (bytes[i] !== LF) return this.refuse('invalid chunk', i)
          i++
          if (keepFraming) this.dataEnd = i
          this.state = 'size'
          this.size = 0
          this.digits = 0
          this.extensionBytes = 0
          break
        case 'trailers':
          return this.scanTrailers(bytes, i, to)
        case 'done':
          return i
      }
    }
    return i
  }

  private isInSizeLine(): boolean {
    return this.state === 'size' || this.state === 'extension' || this.state === 'size line feed'
  }

  private scanTrailers(bytes: Buffer, from: number, to: number): number {
    if (this.isFirstTrailerByte) this.block.reset()
    this.isFirstTrailerByte = false
    const end = this.trailerReader.read(bytes, from, to)
    if (end === INCOMPLETE) return to
    if (end === FAULTY) return this.refuse(this.trailerReader.fault ?? 'invalid chunk', from)
    this.state = 'done'
    return end
  }

  private refuse(fault: Fault, at: number): number {
    this.fault = fault
    return at
  }
}

class TrailerParser {
  readonly emptyLines = 0
  fault: Fault | null = null
  private readonly lines: HeaderLines

  constructor(private readonly block: HeaderBlock) {
    this.lines = new HeaderLines(block)
  }

  reset(): void {
    this.fault = null
    this.block.reset()
  }

  parse(bytes: Buffer, from: number, to: number): number {
    this.block.reset()
    const end = this.lines.parse(bytes, from, to)
    if (end === FAULTY) this.fault = this.lines.fault
    if (end < 0 || !NEVER_TRAILERS.some(known => this.block.find(known) >= 0)) return end
    // Some servers take them for those of the message.
    this.fault = 'invalid trailer'
    return FAULTY
  }
}
