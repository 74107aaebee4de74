import { Buffer } from 'node:buffer'
/** Most headers a message may have. */
export const MAX_HEADERS = 128

/** Headers the proxy itself acts on, told apart while parsing; all others are `other`. */
export const Known = {
  other: 0,
  removed: 1,
  host: 2,
  contentLength: 3,
  transferEncoding: 4,
  connection: 5,
  keepAlive: 6,
  proxyConnection: 7,
  te: 8,
  upgrade: 9,
  expect: 10,
  contentType: 11,
  requestId: 12,
  l5d: 13,
  grpcStatus: 14,
} as const

const EMPTY = Buffer.alloc(0)

/**
 * A message's headers: the bytes as they came, and where each name and value lies in them. Changes are
 * noted beside the bytes: `remove` marks a line, `add` appends one, and an encoder writes the runs that stay.
 * The lines from `nameStarts[0]` to `end` are contiguous, each with its CRLF. Reused from message to message.
 */
export class HeaderBlock {
  bytes: Buffer = EMPTY
  count = 0
  /** Past the last header line; the empty line begins here. */
  end = 0
  readonly nameStarts: Uint32Array
  readonly nameEnds: Uint32Array
  readonly valueStarts: Uint32Array
  readonly valueEnds: Uint32Array
  readonly known: Uint8Array
  /** Lines appended, each as `name: value\r\n`. */
  added = ''

  /** `capacity`: lines it has room for, those appended not counted. One for a single message needs no more than that has. */
  constructor(capacity = MAX_HEADERS) {
    this.nameStarts = new Uint32Array(capacity)
    this.nameEnds = new Uint32Array(capacity)
    this.valueStarts = new Uint32Array(capacity)
    this.valueEnds = new Uint32Array(capacity)
    this.known = new Uint8Array(capacity)
  }

  reset(): void {
    this.bytes = EMPTY
    this.count = 0
    this.end = 0
    this.added = ''
  }

  /** Index of the first header of this kind; -1 when there is none. */
  find(known: number): number {
    for (let i = 0; i < this.count; i++) if (this.known[i] === known) return i
    return -1
  }

  /** Index of the first header of this lower-case name that was not removed; -1 when there is none. */
  indexOf(name: string): number {
    for (let i = 0; i < this.count; i++) {
      if (this.known[i] !== Known.removed && this.isNamed(i, name)) return i
    }
    return -1
  }

  /** Whether the header at `index` has this lower-case name. */
  isNamed(index: number, name: string): boolean {
    const start = this.nameStarts[index] as number
    return (
      (this.nameEnds[index] as number) - start === name.length && matchesIgnoreCase(this.bytes, start, name)
    )
  }

  /** The value's text, one character a byte; `null` when there is no such header. */
  get(name: string): string | null {
    const index = this.indexOf(name)
    return index < 0 ? null : this.valueAt(index)
  }

  valueAt(index: number): string {
    return this.bytes.toString('latin1', this.valueStarts[index], this.valueEnds[index])
  }

  /** Those that stay and those that were added, names in lower case. */
  entries(): readonly (readonly [name: string, value: string])[] {
    const all: [string, string][] = []
    for (let i = 0; i < this.count; i++) {
      if (this.known[i] === Known.removed) continue
      const name = this.bytes.toString('latin1', this.nameStarts[i], this.nameEnds[i])
      all.push([name.toLowerCase(), this.valueAt(i)])
    }
    for (const line of this.added.split('\r\n')) {
      const colon = line.indexOf(': ')
      if (colon > 0) all.push([line.slice(0, colon), line.slice(colon + 2)])
    }
    return all
  }

  remove(index: number): void {
    this.known[index] = Known.removed
  }

  removeAll(name: string): void {
    for (let i = 0; i < this.count; i++) if (this.isNamed(i, name)) this.known[i] = Known.removed
  }

  removeKnown(known: number): void {
    for (let i = 0; i < this.count; i++) if (this.known[i] === known) this.known[i] = Known.removed
  }

  /** Appends a header; the caller vouches that neither part holds control characters. */
  add(name: string, value: string): void {
    this.added += `${name}: ${value}\r\n`
  }

  /** Where the line of header `index` ends, past its CRLF. */
  lineEnd(index: number): number {
    return index + 1 < this.count ? (this.nameStarts[index + 1] as number) : this.end
  }

  /** Upper bound of the bytes that `write` needs. */
  get sizeBytes(): number {
    return (this.count > 0 ? this.end - (this.nameStarts[0] as number) : 0) + this.added.length
  }

  /** Writes the lines that stay, then the added ones, to `target` at `at`; returns where it stopped. */
  write(target: Buffer, at: number): number {
    let to = at
    let i = 0
    while (i < this.count) {
      if (this.known[i] === Known.removed) {
        i++
        continue
      }
      const from = this.nameStarts[i] as number
      while (i < this.count && this.known[i] !== Known.removed) i++
      const end = this.lineEnd(i - 1)
      this.bytes.copy(target, to, from, end)
      to += end - from
    }
    if (this.added.length > 0) to += target.write(this.added, to, 'latin1')
    return to
  }
}

/** Whether the bytes at `start` spell the lower-case `text`, whatever their case. */
export function matchesIgnoreCase(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const byte = bytes[start + i] as number
    const lower = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte
    if (lower !== text.charCodeAt(i)) return false
  }
  return true
}

/**
 * Calls back with each comma-separated token of a header's value, in lower case. Only spaces and tabs are left out
 * around them (RFC 9110, 5.6.1): `String.trim` would take byte A0 for a space, too.
 */
export function eachToken(value: string, visit: (token: string) => void): void {
  for (const part of value.split(',')) {
    let start = 0
    let end = part.length
    while (start < end && isSpace(part.charCodeAt(start))) start++
    while (end > start && isSpace(part.charCodeAt(end - 1))) end--
    if (end > start) visit(part.slice(start, end).toLowerCase())
  }
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09
}
