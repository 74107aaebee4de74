import type { MeshState } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Answer, Dimension, Range } from '#server/store/store.ts'
import { podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { resourceAt } from './grouping.ts'
import { defaultRoute, profileOf, serviceNamed } from './profiles.ts'
import { QuestionError } from './question-error.ts'
import { inScope, resourcesInScope, type Scope } from './scope.ts'
import { addTraffic, type Detail, type Other, type Tallied } from './tally.ts'

/** What is counted of one route, and of which services it is one. */
export interface RouteTally {
  readonly answer: Answer
  readonly tallied: Tallied
  /** Ids of the services that have the route, by their profile or by what was counted. */
  readonly services: ReadonlySet<string>
  /** Whether anybody would count requests of the route: silence then is idleness. */
  readonly isCounted: boolean
}

const listed = 20

/**
 * The requests of one route of services, as the proxies of their callers counted them: of the services, or with
 * `other` of those that called. Throws a QuestionError for a route that no such service has.
 */
export async function countRoute(
  { store, platform }: Ground,
  range: Range,
  route: string,
  scope: Scope,
  other: Other | null,
  pods: ReadonlySet<string> | null,
  detail: Detail,
): Promise<RouteTally> {
  const services = other?.way === 'to' ? other.scope : scope
  const senders = other?.way === 'to' ? scope : (other?.scope ?? null)
  requireService(services)
  const state = platform.current()
  const by: readonly Dimension[] = [
    'authority',
    'route',
    ...(senders ? (['namespace', 'kind', 'name'] as const) : []),
    ...(senders?.kind === 'pod' || pods ? (['pod'] as const) : []),
  ]
  const service = resourcesInScope(state, services, null).map(({ ref }) => `${ref.namespace}/${ref.name}`)
  const where = { view: 'route', direction: 'outbound', service } as const
  const answer = await store.sum({ by, where, range, ...detail })
  const names = profileRoutes(state, services)
  const isOfProfile = names.get(route)
  const tallied: Tallied = new Map()
  for (const { key, atMs, sums } of answer.rows) {
    const [authority = '', named = '', namespace = '', kind = '', name = '', pod = ''] = key
    const service = serviceNamed(authority, state.clusterDomain)
    if (!service || !inScope(services, service)) continue
    const of = names.get(named || defaultRoute) ?? new Set()
    names.set(named || defaultRoute, of.add(resourceId(service)))
    if ((named || defaultRoute) !== route) continue
    const caller: ResourceRef = { namespace, kind: kind as ResourceRef['kind'], name }
    const sender = senders && resourceAt({ ref: caller, pod }, senders.kind)
    if (senders && !(sender && inScope(senders, sender))) continue
    if (pods && other?.way === 'to' && !pods.has(podKey({ namespace, pod }))) continue
    const ref = other?.way === 'to' ? sender : service
    if (ref) addTraffic(tallied, ref, atMs, sums, { secured: 0, denied: 0, refused: 0 })
  }
  const having = names.get(route)
  if (!having) throw unknownRoute(route, names)
  return {
    answer,
    tallied,
    services: having,
    isCounted: tallied.size > 0 || (isOfProfile !== undefined && isOfProfile.size > 0),
  }
}

function requireService(services: Scope): void {
  if (services.kind === 'service') return
  throw new QuestionError(
    'CONFLICTING_PARAMETERS',
    `Cannot narrow what a ${services.kind} received to a route: routes are those of services`,
    'Ask with resource=svc/users, or with to=svc/users for those who call it',
  )
}

/** Ids of the services that have each route by their profile; every one has requests that match none. */
function profileRoutes(state: MeshState, services: Scope): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>([[defaultRoute, new Set()]])
  for (const { ref } of resourcesInScope(state, services, null)) {
    const profile = profileOf(state, ref)
    if (!profile) continue
    for (const name of [defaultRoute, ...profile.routes.map(route => route.name)]) {
      names.set(name, (names.get(name) ?? new Set()).add(resourceId(ref)))
    }
  }
  return names
}

function unknownRoute(route: string, names: ReadonlyMap<string, unknown>): QuestionError {
  const known = [...names.keys()].sort()
  const more = known.length > listed ? ', …' : ''
  return new QuestionError(
    'UNKNOWN_ROUTE',
    `Unknown route ${JSON.stringify(route)}`,
    `Routes are ${known.slice(0, listed).join(', ')}${more}`,
  )
}
