import { Buffer } from 'node:buffer'
export type HttpVersion = 'http1' | 'http2' | 'not-http'

const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0', 'latin1')
const LONGEST_METHOD = 32
const ABSOLUTE = 'http://'

/**
 * Which HTTP the first bytes begin: a method in capitals, a space, and the beginning of a target. What begins
 * like HTTP/1 is held to be it even when it is malformed, so that it is refused and never passed on unread.
 * `null`: too few bytes to tell.
 */
export function detectHttp(bytes: Buffer): HttpVersion | null {
  const known = Math.min(bytes.length, HTTP2_PREFACE.length)
  if (bytes.subarray(0, known).equals(HTTP2_PREFACE.subarray(0, known))) {
    return known === HTTP2_PREFACE.length ? 'http2' : null
  }
  let at = 0
  while (at < bytes.length && isMethodByte(bytes[at] as number)) at++
  if (at > LONGEST_METHOD) return 'not-http'
  if (at === bytes.length) return null
  if (at === 0 || bytes[at] !== 0x20) return 'not-http'
  const method = bytes.toString('latin1', 0, at)
  const target = bytes.toString('latin1', at + 1, at + 1 + ABSOLUTE.length).toLowerCase()
  if (target === '') return null
  if (method === 'CONNECT' || target.startsWith('/') || target.startsWith('*')) return 'http1'
  if (target === ABSOLUTE) return 'http1'
  return ABSOLUTE.startsWith(target) ? null : 'not-http'
}

function isMethodByte(byte: number): boolean {
  return (byte >= 0x41 && byte <= 0x5a) || byte === 0x2d || byte === 0x5f
}
