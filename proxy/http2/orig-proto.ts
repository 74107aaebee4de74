import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'

/** The header by which proxies say that what they carry in HTTP/2 is HTTP/1, and of which version. */
export const ORIG_PROTO = 'l5d-orig-proto'

/** What the header of a request says: its version, and whether its target was a whole URI. */
export function originOf({ isAbsolute, isHttp10 }: HttpRequest): string {
  return `HTTP/1.${isHttp10 ? 0 : 1}${isAbsolute ? '; absolute-form' : ''}`
}

/** Makes a request that came in HTTP/2 the HTTP/1 it was; returns whether its header says that it was. */
export function restoreHttp1(request: HttpRequest): boolean {
  const { headers } = request
  const origin = headers.get(ORIG_PROTO)
  if (origin === null || !origin.startsWith('HTTP/1.')) return false
  headers.removeAll(ORIG_PROTO)
  request.isHttp2 = false
  request.isHttp10 = origin.startsWith('HTTP/1.0')
  request.isAbsolute = origin.includes('absolute-form')
  return true
}

/** What a restored request's response says of itself. */
export function originVersion({ isHttp10 }: HttpResponse): readonly [name: string, value: string] {
  return [ORIG_PROTO, isHttp10 ? 'HTTP/1.0' : 'HTTP/1.1']
}
