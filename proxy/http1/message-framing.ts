import type { Buffer } from 'node:buffer'
import { CHUNKED, type Framing, NO_BODY } from '#proxy/http/body.ts'
import { eachToken, type HeaderBlock, Known, matchesIgnoreCase } from '#proxy/http/header-block.ts'
import { SPACE, TAB } from './characters.ts'
import type { Fault } from './header-lines.ts'

/** What a head's framing and connection headers say, read in one pass. Reused from message to message. */
export class MessageFraming {
  /** -1: none given. */
  contentLength = -1
  isChunked = false
  isClose = false
  isKeepAlive = false
  /** The Connection header names `upgrade`. */
  isUpgrade = false
  hosts = 0
  hostIndex = -1

  /**
   * Reads the block; returns why it is refused, else `null`. Any doubt about where the body ends is a fault:
   * lengths that differ or repeat, a coding other than exactly `chunked`, or both kinds.
   */
  read(block: HeaderBlock): Fault | null {
    this.contentLength = -1
    this.isChunked = false
    this.isClose = false
    this.isKeepAlive = false
    this.isUpgrade = false
    this.hosts = 0
    this.hostIndex = -1
    for (let i = 0; i < block.count; i++) {
      switch (block.known[i]) {
        case Known.host:
          this.hosts++
          this.hostIndex = i
          break
        case Known.contentLength: {
          if (this.contentLength >= 0) return 'more than one content-length'
          this.contentLength = parseLength(
            block.bytes,
            block.valueStarts[i] as number,
            block.valueEnds[i] as number,
          )
          if (this.contentLength < 0 || isTabAfter(block.bytes, block.valueEnds[i] as number))
            return 'invalid content-length'
          break
        }
        case Known.transferEncoding: {
          const start = block.valueStarts[i] as number
          const isExactlyChunked =
            (block.valueEnds[i] as number) - start === 7 && matchesIgnoreCase(block.bytes, start, 'chunked')
          if (!isExactlyChunked || this.isChunked || isTabAfter(block.bytes, start + 7))
            return 'unsupported transfer-encoding'
          this.isChunked = true
          break
        }
        case Known.connection:
          this.readConnection(block, i)
          break
      }
    }
    return this.isChunked && this.contentLength >= 0 ? 'content-length with transfer-encoding' : null
  }

  /** How a request with these headers says where its body ends; one that says nothing has none. */
  ofRequestBody(): Framing {
    if (this.isChunked) return CHUNKED
    return this.contentLength > 0 ? { kind: 'length', bytes: this.contentLength } : NO_BODY
  }

  private readConnection(block: HeaderBlock, index: number): void {
    const value = block.valueAt(index)
    // Some servers read no keep-alive beside a tab; to end the connection instead is never wrong.
    const hasTab = value.includes('\t') || isTabAfter(block.bytes, block.valueEnds[index] as number)
    eachToken(value, token => {
      if (token === 'close') this.isClose = true
      else if (token === 'keep-alive') this.isKeepAlive ||= !hasTab
      else if (token === 'upgrade') this.isUpgrade = true
      else if (!isFramingName(token)) block.removeAll(token)
    })
  }
}

/** Headers that a Connection header cannot make hop-by-hop: without them the message means something else. */
function isFramingName(name: string): boolean {
  return (
    name === 'host' ||
    name === 'content-length' ||
    name === 'transfer-encoding' ||
    name === 'connection' ||
    name === 'te' ||
    name === 'expect'
  )
}

/** Blanks that may follow a value are spaces and tabs; before the body's framing some servers take no tab. */
function isTabAfter(bytes: Buffer, valueEnd: number): boolean {
  let i = valueEnd
  while (bytes[i] === SPACE) i++
  return bytes[i] === TAB
}

/** At most fifteen digits, so that every length is a safe integer; -1 for anything else. */
function parseLength(bytes: Buffer, start: number, end: number): number {
  if (end <= start || end - start > 15) return -1
  let length = 0
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - 0x30
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}
