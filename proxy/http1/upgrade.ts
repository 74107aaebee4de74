import type { HttpRequest } from '#proxy/http/message.ts'

const HTTP2 = /(^|[\s,])(h2c?|http\/2)/i

/**
 * Whether a request whose Connection header says `upgrade` may leave HTTP/1.1: it must name what for, and HTTP/2 would
 * carry further requests past the proxy unread.
 */
export function mayUpgrade({ headers, isHttp10 }: HttpRequest): boolean {
  if (isHttp10) return false
  let isNamed = false
  for (let i = 0; i < headers.count; i++) {
    if (!headers.isNamed(i, 'upgrade')) continue
    if (HTTP2.test(headers.valueAt(i))) return false
    isNamed = true
  }
  return isNamed
}
