import type { HttpRoute, HttpRouteFilter, Server } from '#lib/resources/policy-objects.ts'
import { authorizationsOf, byName, type PolicyMesh } from './policy-authentication.ts'
import type { PolicyRoute, RouteFilter } from './policy-route.ts'

/** The HTTPRoutes that have this Server as their parent, in the order of their names. */
export function resourceRoutes(mesh: PolicyMesh, server: Server): readonly PolicyRoute[] {
  const ours = mesh.policies.httpRoutes.filter(
    route =>
      route.namespace === server.namespace && route.parentRefs.some(parent => isServer(parent, server)),
  )
  return byName(ours).map(route => policyRoute(route, mesh))
}

function isServer(parent: HttpRoute['parentRefs'][number], server: Server): boolean {
  return parent.kind === 'Server' && parent.namespace === server.namespace && parent.name === server.name
}

function policyRoute(route: HttpRoute, mesh: PolicyMesh): PolicyRoute {
  const about = mesh.policies.authorizationPolicies.filter(
    ({ namespace, targetRef }) =>
      namespace === route.namespace &&
      targetRef.kind === 'HTTPRoute' &&
      targetRef.group === route.group &&
      targetRef.namespace === route.namespace &&
      targetRef.name === route.name,
  )
  return {
    ref: { group: route.group, kind: 'httproute', name: route.name },
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
