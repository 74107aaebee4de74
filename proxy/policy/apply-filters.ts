import type { RouteFilter } from '#lib/policy/policy-route.ts'
import { redirectLocation } from '#lib/policy/redirect-location.ts'
import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import { changeHeaders } from '#proxy/http/header-change.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import { splitTarget } from './routed-request.ts'

interface Filtered {
  readonly match: HttpRouteMatch | null
  readonly rule: { readonly filters: readonly RouteFilter[] }
}

/** Does to a request what its route says; returns the answer with which that ends it, `null` when it goes on. */
export function applyFilters(
  request: HttpRequest,
  { match, rule }: Filtered,
  random: () => number,
): ProxyError | null {
  for (const filter of rule.filters) {
    switch (filter.kind) {
      case 'request-headers':
        changeHeaders(request, filter)
        break
      case 'redirect': {
        const [path, query] = splitTarget(request.target)
        const location = redirectLocation(filter, match, { authority: request.authority, path, query })
        if (location === null) break
        return { kind: 'redirected', message: 'redirected by its route', status: filter.status, location }
      }
      case 'failure':
        if (random() * filter.of >= filter.part) break
        return { kind: 'injected', message: filter.message, status: filter.status }
    }
  }
  return null
}
