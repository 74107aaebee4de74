import type { RoutedRequest } from '#lib/policy/request-match.ts'
import type { HttpRequest } from '#proxy/http/message.ts'

/** What routes look at of a request; headers are read only when one asks for them. */
export function routedRequest(request: HttpRequest): RoutedRequest {
  const { authority, headers, method, target } = request
  const [path, query] = splitTarget(target)
  return {
    method,
    host: authority.replace(/:\d*$/, '').toLowerCase(),
    path,
    query,
    headers: name => headers.entries().flatMap(([one, value]) => (one === name ? [value] : [])),
  }
}

/** Path and query, without the question mark; an absolute target without a path asks for `/`. */
export function splitTarget(target: string): [path: string, query: string] {
  const mark = target.indexOf('?')
  const [path, query] = mark < 0 ? [target, ''] : [target.slice(0, mark), target.slice(mark + 1)]
  return [path === '' ? '/' : path, query]
}
