import type { GrpcRoute, HttpRoute, HttpRouteFilter, Server } from '#lib/resources/policy-objects.ts'
import { matchOfRpc } from './grpc-match.ts'
import { authorizationsOf, byName, type PolicyMesh } from './policy-authentication.ts'
import type { PolicyRoute, RouteFilter } from './policy-route.ts'

/**
 * The routes that have this Server as their parent, in the order of their names: GRPCRoutes where it says that the port
 * speaks gRPC, else HTTPRoutes.
 */
export function resourceRoutes(mesh: PolicyMesh, server: Server): readonly PolicyRoute[] {
  const { grpcRoutes, httpRoutes } = mesh.policies
  if (server.proxyProtocol !== 'gRPC') {
    return byName(httpRoutes.filter(route => isOf(route, server))).map(route =>
      policyRoute('HTTPRoute', route, mesh),
    )
  }
  return byName(grpcRoutes.filter(route => isOf(route, server))).map(route => {
    const rules = route.rules.map(rule => ({ ...rule, matches: rule.matches.map(matchOfRpc) }))
    return policyRoute('GRPCRoute', { ...route, rules }, mesh)
  })
}

function isOf(route: HttpRoute | GrpcRoute, server: Server): boolean {
  return route.namespace === server.namespace && route.parentRefs.some(parent => isServer(parent, server))
}

/** What both kinds have, with matches as HTTPRoutes have them. */
type Routed = Omit<HttpRoute, 'rules'> & {
  readonly rules: readonly Pick<HttpRoute['rules'][number], 'matches' | 'filters'>[]
}

function isServer(parent: HttpRoute['parentRefs'][number], server: Server): boolean {
  return parent.kind === 'Server' && parent.namespace === server.namespace && parent.name === server.name
}

function policyRoute(kind: 'HTTPRoute' | 'GRPCRoute', route: Routed, mesh: PolicyMesh): PolicyRoute {
  const about = mesh.policies.authorizationPolicies.filter(
    ({ namespace, targetRef }) =>
      namespace === route.namespace &&
      targetRef.kind === kind &&
      targetRef.group === route.group &&
      targetRef.namespace === route.namespace &&
      targetRef.name === route.name,
  )
  return {
    ref: { group: route.group, kind: kind.toLowerCase(), name: route.name },
    hosts: route.hostnames,
    authorizations: authorizationsOf(about, mesh),
    rules: route.rules.map(({ matches, filters }) => ({
      matches,
      filters: filters.flatMap(routeFilter),
      responseEdits: filters.flatMap(filter => (filter.kind === 'response-headers' ? [filter] : [])),
    })),
  }
}

/** What a filter does to requests; none for one that changes responses. */
export function routeFilter(filter: HttpRouteFilter): readonly RouteFilter[] {
  switch (filter.kind) {
    case 'response-headers':
      return []
    case 'request-headers': {
      const { add, set, remove } = filter
      return [{ kind: 'request-headers', add, set, remove }]
    }
    case 'redirect':
      return [filter]
  }
}
