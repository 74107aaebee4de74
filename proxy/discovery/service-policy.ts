import { type FoundRoute, routeFinder } from '#lib/policy/find-route.ts'
import type { AccrualSettings } from '#lib/policy/outbound-policy.ts'
import type { ServicePolicy, ServiceRoute } from './discovery.ts'

/** The policy of these routes. Throws a `RangeError` for a pattern that cannot be used. */
export function servicePolicy(
  routes: readonly ServiceRoute[],
  failureAccrual: AccrualSettings | null,
): ServicePolicy {
  return { failureAccrual, routes, only: onlyRule(routes), find: routeFinder(routes) }
}

function onlyRule(routes: readonly ServiceRoute[]): FoundRoute<ServiceRoute> | null {
  const [route, ...others] = routes
  const [rule, ...more] = route?.rules ?? []
  if (route === undefined || rule === undefined || others.length + more.length > 0) return null
  return route.hosts.length + rule.matches.length === 0 ? { route, rule, match: null } : null
}
