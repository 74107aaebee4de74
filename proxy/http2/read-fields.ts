import { Buffer } from 'node:buffer'
import { HeaderBlock, Known, MAX_HEADERS } from '#proxy/http/header-block.ts'
import { HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import { HOST, TARGET } from '#proxy/http1/characters.ts'
import { knownHeader } from '#proxy/http1/known-header.ts'

/** Names and values by turns, as nghttp2 gave them: it has refused what HTTP/2 forbids (RFC 9113, 8.2 and 8.3). */
export type RawFields = readonly string[]

/** The request that a stream begins with, or the status to refuse it with. */
export type ReadRequest =
  | { readonly kind: 'request'; readonly request: HttpRequest }
  | { readonly kind: 'refused'; readonly status: number; readonly reason: string }

/** Reads a request's fields; those that may not go on as they are, over whichever HTTP, are refused. */
export function readRequest(fields: RawFields): ReadRequest {
  const pseudo = pseudoFields(fields)
  const method = pseudo.get(':method') ?? ''
  const path = pseudo.get(':path') ?? ''
  if (method === 'CONNECT') return refused(501, 'CONNECT over HTTP/2 is not served')
  if (!isTarget(method, path)) return refused(400, 'invalid target')
  const request = new HttpRequest(blockFor(fields))
  request.isHttp2 = true
  request.method = method
  const { headers } = request
  if (!fillHeaders(headers, path, fields)) return refused(431, 'too many headers')
  request.bytes = headers.bytes
  request.pathEnd = path.length
  const host = headers.find(Known.host)
  const named = host < 0 ? null : headers.valueAt(host).toLowerCase()
  const authority = pseudo.get(':authority')?.toLowerCase() ?? named ?? ''
  if (named !== null && named !== authority) return refused(400, 'host differs from authority')
  if (!consistsOf(HOST, authority)) return refused(400, 'invalid authority')
  // The authority says it: an encoder for HTTP/1 writes the line anew.
  headers.removeKnown(Known.host)
  request.authority = authority
  return { kind: 'request', request }
}

/** Reads a response's fields, its body aside. */
export function readResponse(fields: RawFields): HttpResponse {
  const response = new HttpResponse(blockFor(fields))
  response.status = Number(pseudoFields(fields).get(':status') ?? 0)
  fillHeaders(response.headers, '', fields)
  return response
}

/** A block with room for these fields, as far as they may be taken. */
export function blockFor(fields: RawFields): HeaderBlock {
  return new HeaderBlock(Math.min(MAX_HEADERS, fields.length / 2))
}

/** Fills a block with fields as lines, the way HTTP/1 would have them, after the text `before`; `false`: too many. */
export function fillHeaders(block: HeaderBlock, before: string, fields: RawFields): boolean {
  block.reset()
  let text = before
  let cookies = ''
  const add = (name: string, value: string) => {
    const index = block.count++
    block.nameStarts[index] = text.length
    block.nameEnds[index] = text.length + name.length
    block.valueStarts[index] = text.length + name.length + 2
    block.valueEnds[index] = text.length + name.length + 2 + value.length
    text += `${name}: ${value}\r\n`
  }
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string
    const value = fields[i + 1] as string
    if (name.startsWith(':')) continue
    // Split for the sake of compression; HTTP/1 knows but one such line (RFC 9113, 8.2.3).
    if (name === 'cookie') cookies = cookies === '' ? value : `${cookies}; ${value}`
    else if (block.count === MAX_HEADERS - 1) return false
    else add(name, value)
  }
  if (cookies !== '') add('cookie', cookies)
  block.bytes = Buffer.from(text, 'latin1')
  block.end = text.length
  for (let i = 0; i < block.count; i++) {
    block.known[i] = knownHeader(block.bytes, block.nameStarts[i] as number, block.nameEnds[i] as number)
  }
  return true
}

function pseudoFields(fields: RawFields): ReadonlyMap<string, string> {
  const pseudo = new Map<string, string>()
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i] as string
    // They come first.
    if (!name.startsWith(':')) break
    pseudo.set(name, fields[i + 1] as string)
  }
  return pseudo
}

function isTarget(method: string, path: string): boolean {
  if (path === '*') return method === 'OPTIONS'
  return path.startsWith('/') && consistsOf(TARGET, path)
}

function consistsOf(members: Uint8Array, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (members[text.charCodeAt(i)] !== 1) return false
  return true
}

function refused(status: number, reason: string): ReadRequest {
  return { kind: 'refused', status, reason }
}
