import type { Golden } from '#lib/api/common.ts'
import type { RouteRow, RoutesAnswer, RoutesQuery } from '#lib/api/routes.ts'
import { successRate, unknownGolden } from '#lib/metrics/golden.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { ProfileRoute, ServiceProfile } from '#lib/resources/service-profile.ts'
import type { Dimension, Sums } from '#server/store/store.ts'
import { compareText, coverageOf, heardPods, podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { resourceAt } from './grouping.ts'
import { servicesByWorkload } from './inventory.ts'
import { defaultRoute, profileOf, serviceNamed } from './profiles.ts'
import { QuestionError } from './question-error.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { inScope, readScope, requireKnown, resourcesInScope, type Scope } from './scope.ts'
import { addSums, emptySums, goldenOf, requestsOf } from './sums.ts'

const by: readonly Dimension[] = ['namespace', 'kind', 'name', 'pod', 'authority', 'route']
const uncountedNote =
  'Routes are counted by the proxies of callers, and only of services with a ServiceProfile; what nobody counted has no numbers'

/**
 * Every route of the services asked for, idle ones included: of services, or of `to`, as their callers counted them; of a
 * workload as it counted them itself.
 */
export async function answerRoutes(ground: Ground, query: RoutesQuery): Promise<RoutesAnswer> {
  const state = ground.platform.current()
  const scope = readScope(state, 'resource', query.resource, query.namespace)
  const to =
    query.to === undefined ? null : readScope(state, 'to', query.to, query.toNamespace ?? query.namespace)
  if (to && scope.kind === 'service') {
    throw new QuestionError(
      'CONFLICTING_PARAMETERS',
      'Cannot answer for what a service sent: a service only receives',
      'Ask for the workload behind it, e.g. resource=deploy/web',
    )
  }
  const resolved = resolveRange(ground, query)
  const direction = to || scope.kind === 'service' ? 'outbound' : 'inbound'
  const answer = await ground.store.sum({ by, where: { view: 'route', direction }, range: resolved.range })

  const wanted = wantedServices(state, scope, to)
  const counted = new Map<string, Sums>()
  for (const { key, sums } of answer.rows) {
    const [namespace = '', kind = '', name = '', pod = '', authority = '', route = ''] = key
    const counter = resourceAt(
      { ref: { namespace, kind: kind as ResourceRef['kind'], name }, pod },
      scope.kind === 'service' ? 'mesh' : scope.kind,
    )
    const service = serviceNamed(authority, state.clusterDomain)
    if (!counter || !service) continue
    const isWanted =
      to || scope.kind === 'service' ? wanted.has(resourceId(service)) : inScope(scope, counter)
    if (!isWanted || (to && !inScope(scope, counter))) continue
    wanted.set(resourceId(service), service)
    const id = routeId(service, route)
    const total = counted.get(id) ?? emptySums()
    counted.set(id, total)
    addSums(total, sums)
  }
  requireKnown(state, scope, () => counted.size > 0)
  if (to) requireKnown(state, to, () => counted.size > 0)

  const needed =
    scope.kind === 'service'
      ? state.instances
      : resourcesInScope(state, scope, null).flatMap(({ instances }) => instances)
  const heard = heardPods(answer)
  const known = needed.some(({ namespace, name }) => heard.has(podKey({ namespace, pod: name })))
  const rows = [...wanted.values()].flatMap(service =>
    rowsOf(service, profileOf(state, service), counted, known, direction),
  )
  return {
    span: spanOf(answer),
    coverage: coverageOf(ground, answer, needed, resolved),
    ...noteOf(
      resolved.note,
      rows.some(({ effective }) => effective.requests === null) ? uncountedNote : null,
    ),
    rows: rows.sort((a, b) => compareText(a.id, b.id)),
  }
}

/** The services whose routes are asked for: named ones, or those in front of the workloads that are named. */
function wantedServices(state: MeshState, scope: Scope, to: Scope | null): Map<string, ResourceRef> {
  const target = to ?? scope
  const fronting = servicesByWorkload(state)
  const wanted = new Map<string, ResourceRef>()
  const ids =
    target.kind === 'service'
      ? resourcesInScope(state, target, null).map(({ ref }) => `${ref.namespace}/${ref.name}`)
      : resourcesInScope(state, target, null)
          .flatMap(({ instances }) => instances)
          .flatMap(({ workload }) => fronting.get(resourceId(workload)) ?? [])
  for (const text of ids) {
    const [namespace = '', name = ''] = text.split('/')
    const ref: ResourceRef = { namespace, kind: 'service', name }
    wanted.set(resourceId(ref), ref)
  }
  return wanted
}

function rowsOf(
  service: ResourceRef,
  profile: ServiceProfile | undefined,
  counted: ReadonlyMap<string, Sums>,
  heard: boolean,
  direction: 'inbound' | 'outbound',
): RouteRow[] {
  const routes = new Map<string, ProfileRoute | null>([['', null]])
  for (const route of profile?.routes ?? []) routes.set(route.name, route)
  const prefix = routeId(service, '')
  const own = [...counted.keys()].filter(id => id.startsWith(prefix))
  for (const id of own) {
    const name = id.slice(prefix.length)
    if (!routes.has(name)) routes.set(name, null)
  }
  // Nobody counts routes without a profile, nor do all proxies count them inbound: silence then is not idleness.
  const isCounted = own.length > 0 || (direction === 'outbound' && profile !== undefined)
  const known = heard && isCounted
  return [...routes].map(([name, route]) => {
    const sums = counted.get(routeId(service, name))
    return {
      id: routeId(service, name === '' ? defaultRoute : name),
      route: name === '' ? defaultRoute : name,
      service: service.name,
      namespace: service.namespace,
      effective: goldenOf(sums, known),
      actual: direction === 'inbound' ? unknownGolden : actualOf(sums, known),
      retryable: route?.isRetryable ?? false,
      timeoutMs: route?.timeoutMs ?? null,
    }
  })
}

/** Every attempt. Its rate follows from that of the requests, for both are counted in the same scrapes. */
function actualOf(sums: Sums | undefined, known: boolean): Golden {
  if (!sums) return goldenOf(undefined, known)
  const requests = sums.actualSuccess + sums.actualFailure
  const effective = requestsOf(sums)
  return {
    requests,
    rps: effective === 0 ? null : (sums.responsesPerSecond * requests) / effective,
    successRate: successRate(sums.actualSuccess, sums.actualFailure),
    latencyMs: unknownGolden.latencyMs,
  }
}

function routeId(service: ResourceRef, route: string): string {
  return `${resourceId(service)} ${route}`
}
