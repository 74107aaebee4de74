import type { GrpcRouteMatch, HttpRouteMatch } from '#lib/resources/policy-objects.ts'

const ANY_SERVICE = '/[^/]+/'

/** The requests that a match of a GRPCRoute is about: POSTs to `/service/method`; what it leaves open is open. */
export function matchOfRpc({ headers, method, service }: GrpcRouteMatch): HttpRouteMatch {
  return { path: pathOfRpc(service ?? '', method ?? ''), headers, queryParams: [], method: 'POST' }
}

function pathOfRpc(service: string, method: string): HttpRouteMatch['path'] {
  if (method === '') return { type: 'PathPrefix', value: `/${service}` }
  if (service !== '') return { type: 'Exact', value: `/${service}/${method}` }
  return { type: 'RegularExpression', value: ANY_SERVICE + method.replaceAll(/[^\w]/g, '\\$&') }
}

/** Which calls `matchOfRpc` made this match of; empty is any. */
export function rpcOfMatch({ path }: HttpRouteMatch): { readonly service: string; readonly method: string } {
  switch (path.type) {
    case 'PathPrefix':
      return { service: path.value.slice(1), method: '' }
    case 'RegularExpression':
      return { service: '', method: path.value.slice(ANY_SERVICE.length).replaceAll(/\\(.)/g, '$1') }
    case 'Exact': {
      const slash = path.value.lastIndexOf('/')
      return { service: path.value.slice(1, slash), method: path.value.slice(slash + 1) }
    }
  }
}
