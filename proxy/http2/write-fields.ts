import type { OutgoingHttpHeaders } from 'node:http2'
import { type HeaderBlock, Known } from '#proxy/http/header-block.ts'
import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'

/** The fields of a request. What concerned only the client's connection is left out. */
export function requestFields(request: HttpRequest): OutgoingHttpHeaders {
  const fields = noFields()
  fields[':method'] = request.method
  fields[':scheme'] = 'http'
  fields[':authority'] = request.authority
  fields[':path'] = pathOf(request)
  addHeaders(fields, request.headers)
  return fields
}

/** The fields of a response, an informational one too. */
export function responseFields({ headers, status }: HttpResponse): OutgoingHttpHeaders {
  const fields = noFields()
  fields[':status'] = status
  addHeaders(fields, headers)
  if (status === 204 || status < 200) delete fields['content-length']
  return fields
}

export function trailerFields(trailers: HeaderBlock | null): OutgoingHttpHeaders {
  const fields = noFields()
  if (trailers === null) return fields
  for (const known of NEVER_TRAILERS) trailers.removeKnown(known)
  addHeaders(fields, trailers)
  return fields
}

/** The fields that whole lines, `name: value\r\n`, stand for. */
export function fieldsOfLines(status: number, lines: string): OutgoingHttpHeaders {
  const fields = noFields()
  fields[':status'] = status
  for (const line of lines.split('\r\n')) {
    const colon = line.indexOf(': ')
    if (colon > 0) addField(fields, line.slice(0, colon), line.slice(colon + 2))
  }
  return fields
}

const NEVER_TRAILERS = [Known.contentLength, Known.l5d]

function noFields(): OutgoingHttpHeaders {
  return Object.create(null) as OutgoingHttpHeaders
}

/** Path and query; an absolute target of HTTP/1 may have neither. */
function pathOf(request: HttpRequest): string {
  const { target } = request
  if (target === '') return request.method === 'OPTIONS' ? '*' : '/'
  return target.startsWith('?') ? `/${target}` : target
}

function addHeaders(fields: OutgoingHttpHeaders, headers: HeaderBlock): void {
  for (let i = 0; i < headers.count; i++) {
    switch (headers.known[i]) {
      case Known.removed:
      case Known.host:
      case Known.connection:
      case Known.keepAlive:
      case Known.proxyConnection:
      case Known.transferEncoding:
      case Known.upgrade:
        continue
      case Known.te:
        if (headers.valueAt(i).toLowerCase() !== 'trailers') continue
        break
    }
    const name = headers.bytes.toString('latin1', headers.nameStarts[i], headers.nameEnds[i]).toLowerCase()
    if (name !== 'http2-settings') addField(fields, name, headers.valueAt(i))
  }
  if (headers.added === '') return
  for (const line of headers.added.split('\r\n')) {
    const colon = line.indexOf(': ')
    if (colon > 0) addField(fields, line.slice(0, colon), line.slice(colon + 2))
  }
}

/** Fields that node:http2 takes one of only. */
const SINGLE = new Set(
  (
    'access-control-allow-credentials access-control-max-age access-control-request-method age authorization ' +
    'content-encoding content-language content-length content-location content-md5 content-range content-type date ' +
    'dnt etag expires from host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified ' +
    'location max-forwards proxy-authorization range referer retry-after tk upgrade-insecure-requests user-agent ' +
    'x-content-type-options'
  ).split(' '),
)

function addField(fields: OutgoingHttpHeaders, name: string, value: string): void {
  const before = fields[name]
  if (before === undefined) fields[name] = value
  else if (Array.isArray(before)) before.push(value)
  // A list in one line means the same as lines of their own (RFC 9110, 5.3).
  else if (SINGLE.has(name)) fields[name] = `${before}, ${value}`
  else fields[name] = [String(before), value]
}
