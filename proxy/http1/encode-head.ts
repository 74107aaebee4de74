import { Buffer } from 'node:buffer'
import { type HeaderBlock, Known } from '#proxy/http/header-block.ts'
import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import { reasonPhrase } from '#proxy/http/reason-phrase.ts'
import { cut, keep } from './slab.ts'

/** How the body after a head is delimited for the peer that reads it. */
export type WireFraming = 'as given' | 'chunked' | 'close'

/** A request's head for an HTTP/1.1 server. Removes what concerned only the client's connection. */
export function encodeRequestHead(request: HttpRequest): Buffer {
  const { headers } = request
  removeHopByHop(headers, request.isUpgrade)
  // Apart from the block's own: a request that is sent again is encoded again.
  let own = request.isUpgrade ? 'connection: upgrade\r\n' : ''
  const host = headers.find(Known.host)
  if (host < 0 || request.isAbsolute) {
    if (host >= 0) headers.remove(host)
    own += `host: ${request.authority}\r\n`
  }
  if (request.body.framing.kind === 'chunked' && headers.find(Known.transferEncoding) < 0)
    own += 'transfer-encoding: chunked\r\n'
  const path = requestPath(request)
  const start = request.pathStart
  const pathBytes = path === null ? request.pathEnd - start : path.length
  const { method } = request
  const head = cut(method.length + pathBytes + headers.sizeBytes + own.length + 16)
  let at = head.write(method, 0, 'latin1')
  head[at++] = 0x20
  if (path === null) at += request.bytes.copy(head, at, start, request.pathEnd)
  else at += head.write(path, at, 'latin1')
  at += head.write(' HTTP/1.1\r\n', at, 'latin1')
  at += head.write(own, at, 'latin1')
  return finish(headers, head, at)
}

/** What an absolute target without a path stands for; `null`: the path's bytes as they are. */
function requestPath(request: HttpRequest): string | null {
  if (request.pathEnd > request.pathStart) {
    return request.bytes[request.pathStart] === 0x3f ? `/${request.target}` : null
  }
  return request.method === 'OPTIONS' ? '*' : '/'
}

/** A response's head for an HTTP/1 client; `connection` is that header's value, empty to leave it out. */
export function encodeResponseHead(response: HttpResponse, framing: WireFraming, connection: string): Buffer {
  const { headers, status } = response
  const isUpgrade = status === 101
  removeHopByHop(headers, isUpgrade)
  if (isUpgrade) headers.add('connection', 'upgrade')
  else if (connection !== '') headers.add('connection', connection)
  if (framing !== 'as given' || status === 204 || status < 200) {
    headers.removeKnown(Known.transferEncoding)
    headers.removeKnown(Known.contentLength)
    if (framing === 'chunked') headers.add('transfer-encoding', 'chunked')
  }
  const reasonBytes = response.reasonEnd - response.reasonStart
  const head = cut(reasonBytes + headers.sizeBytes + 64)
  let at = head.write(`HTTP/1.1 ${status} `, 0, 'latin1')
  if (reasonBytes > 0) at += headers.bytes.copy(head, at, response.reasonStart, response.reasonEnd)
  else at += head.write(reasonPhrase(status), at, 'latin1')
  head[at++] = 0x0d
  head[at++] = 0x0a
  return finish(headers, head, at)
}

/** A response of the proxy itself, without a body. `headers` are whole lines. */
export function encodeSynthetic(status: number, headers: string, connection: string): Buffer {
  const last = connection === '' ? '' : `connection: ${connection}\r\n`
  const length = headers.includes('content-length:') ? '' : 'content-length: 0\r\n'
  return Buffer.from(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${headers}${length}${last}\r\n`, 'latin1')
}

/** The last chunk, with the trailers that may follow a body. */
export function encodeLastChunk(trailers: HeaderBlock | null): Buffer {
  if (trailers === null) return LAST_CHUNK
  removeHopByHop(trailers, false)
  for (const known of NEVER_TRAILERS) trailers.removeKnown(known)
  const piece = cut(trailers.sizeBytes + 5)
  return finish(trailers, piece, piece.write('0\r\n', 0, 'latin1'))
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n', 'latin1')
const NEVER_TRAILERS = [Known.contentLength, Known.transferEncoding, Known.host, Known.l5d]

function finish(headers: HeaderBlock, head: Buffer, at: number): Buffer {
  let to = headers.write(head, at)
  head[to++] = 0x0d
  head[to++] = 0x0a
  return keep(head, to)
}

/** RFC 9110, 7.6.1; what the Connection header named was removed when it was read. */
function removeHopByHop(headers: HeaderBlock, keepUpgrade: boolean): void {
  for (let i = 0; i < headers.count; i++) {
    switch (headers.known[i]) {
      case Known.connection:
      case Known.keepAlive:
      case Known.proxyConnection:
        headers.remove(i)
        break
      case Known.upgrade:
        if (!keepUpgrade) headers.remove(i)
        break
      case Known.te:
        if (headers.valueAt(i).toLowerCase() !== 'trailers') headers.remove(i)
        break
    }
  }
}
