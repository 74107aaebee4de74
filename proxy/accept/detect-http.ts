import { Buffer } from 'node:buffer'
import { HOST, LF, TOKEN } from '#proxy/http1/characters.ts'

export type HttpVersion = 'http1' | 'http2' | 'not-http'

const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')
/** A first line that is longer counts as HTTP, unless its beginning tells otherwise. */
const MAX_LINE_BYTES = 8192
const SLASH = 0x2f
const ASTERISK = 0x2a

/** What some parser takes for a blank; those that split lines at Unicode's white space take all of these. */
const BLANK = byteSet('\t\v\f\x1c\x1d\x1e\x1f \x85\xa0')
const SCHEME = byteSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-.')
const LOWER_CASE = byteSet('abcdefghijklmnopqrstuvwxyz')

/**
 * Which HTTP the first bytes begin. HTTP/1 is whatever a lenient parser could read as it, malformed or not, so that
 * it is refused and never passed on unread: after any empty lines a line that names `HTTP/`, or
 * a token, a blank and one of HTTP's targets (the version may be another, or missing). `null`: too few bytes to tell.
 */
export function detectHttp(bytes: Buffer): HttpVersion | null {
  const version = detectVersion(bytes)
  if (version !== 'http1' && bytes.length > 0) return version
  const undecided = bytes.length >= MAX_LINE_BYTES ? 'http1' : null
  let start = 0
  while (start < bytes.length && isBlankOrLineEnd(bytes[start] as number)) start++
  const lineEnd = bytes.indexOf(LF, start)
  const line = bytes.subarray(start, lineEnd < 0 ? bytes.length : lineEnd)
  if (line.toString('latin1').toUpperCase().includes('HTTP/')) return 'http1'
  let methodEnd = start
  while (methodEnd < bytes.length && TOKEN[bytes[methodEnd] as number] === 1) methodEnd++
  if (methodEnd === bytes.length) return undecided
  if (methodEnd === start || BLANK[bytes[methodEnd] as number] !== 1) return 'not-http'
  if (hasHttpTarget(bytes.subarray(start, methodEnd), bytes.subarray(methodEnd, start + line.length)))
    return 'http1'
  return lineEnd < 0 ? undecided : 'not-http'
}

/** Which HTTP a connection speaks that is known to speak one. `null`: too few bytes to tell. */
export function detectVersion(bytes: Buffer): 'http1' | 'http2' | null {
  const known = Math.min(bytes.length, HTTP2_PREFACE.length)
  if (!bytes.subarray(0, known).equals(HTTP2_PREFACE.subarray(0, known))) return 'http1'
  return known === HTTP2_PREFACE.length ? 'http2' : null
}

/**
 * Watches the rest of a first line that did not begin like HTTP: tells of each further chunk whether it may pass. One
 * that makes the line name `HTTP/` may not, for lenient parsers take any text for a method.
 */
export function watchFirstLine(first: Buffer): (chunk: Buffer) => boolean {
  let line = ''
  let isOver = false
  const mayPass = (chunk: Buffer): boolean => {
    if (isOver) return true
    const text = line + chunk.toString('latin1', 0, MAX_LINE_BYTES)
    let start = 0
    while (start < text.length && isBlankOrLineEnd(text.charCodeAt(start))) start++
    line = text.slice(start)
    const end = line.indexOf('\n')
    isOver = end >= 0 || line.length >= MAX_LINE_BYTES
    return !(end < 0 ? line : line.slice(0, end)).toUpperCase().includes('HTTP/')
  }
  mayPass(first)
  return mayPass
}

/** Whether a parser that needs no version could take the line: no method it knows has small letters. */
function hasHttpTarget(method: Buffer, afterMethod: Buffer): boolean {
  if (method.some(byte => LOWER_CASE[byte] === 1)) return false
  let start = 0
  while (start < afterMethod.length && BLANK[afterMethod[start] as number] === 1) start++
  const first = afterMethod[start]
  if (first === undefined) return false
  if (first === SLASH || first === ASTERISK) return true
  // HTTP/0.9 has but this method, and those who still take it ask nothing of the target.
  if (method.toString('latin1') === 'GET') return true
  if (method.toString('latin1') === 'CONNECT') return HOST[first] === 1
  let schemeEnd = start
  while (schemeEnd < afterMethod.length && SCHEME[afterMethod[schemeEnd] as number] === 1) schemeEnd++
  return schemeEnd > start && afterMethod.toString('latin1', schemeEnd, schemeEnd + 3) === '://'
}

function isBlankOrLineEnd(byte: number): boolean {
  return byte === LF || byte === 0x0d || BLANK[byte] === 1
}

function byteSet(members: string): Uint8Array {
  const set = new Uint8Array(256)
  for (const byte of Buffer.from(members, 'latin1')) set[byte] = 1
  return set
}
