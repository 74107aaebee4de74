import type { Golden } from '#lib/api/common.ts'
import type { RouteRow, RoutesAnswer, RoutesQuery } from '#lib/api/routes.ts'
import { successRate, unknownGolden } from '#lib/metrics/golden.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { ProfileRoute } from '#lib/resources/service-profile.ts'
import type { Dimension, Row, Sums } from '#server/store/store.ts'
import { compareText, coverageOf, heardPods, podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { resourceAt } from './grouping.ts'
import { servicesByWorkload } from './inventory.ts'
import { defaultRoute, profileOf, serviceNamed } from './profiles.ts'
import { QuestionError } from './question-error.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { inScope, readScope, requireKnown, resourcesInScope, type Scope } from './scope.ts'
import { addSums, emptySums, goldenOf, requestsOf } from './sums.ts'

const by: readonly Dimension[] = ['direction', 'namespace', 'kind', 'name', 'pod', 'authority', 'route']
const uncountedNote =
  'Routes are counted by the proxies of callers, and only of services with a ServiceProfile; what nobody counted has no numbers, and what policy refused counts as answered'
const sharedNote =
  'The routes of a workload whose proxies do not count them are those of its services, whichever workload behind them answered'

/** Whose routes are asked for. */
interface Asked {
  readonly services: ReadonlyMap<string, ResourceRef>
  /** Only what these sent; `null`: what anybody did. */
  readonly senders: Scope | null
  /** Workloads that may have counted what they received themselves; `null` when services are asked about. */
  readonly receivers: Scope | null
}

/** Sums of each route by its name (empty: of none), by id of the service. */
type Counted = Map<string, Map<string, Sums>>

/**
 * Every route of the services asked for, idle ones included, as the callers of these counted them; of the services in
 * front of a workload as it counted them itself, if it did.
 */
export async function answerRoutes(ground: Ground, query: RoutesQuery): Promise<RoutesAnswer> {
  const state = ground.platform.current()
  const scope = readScope(state, 'resource', query.resource, query.namespace)
  const to =
    query.to === undefined ? null : readScope(state, 'to', query.to, query.toNamespace ?? query.namespace)
  const asked = askedOf(state, scope, to)
  const resolved = resolveRange(ground, query)
  const service = [...asked.services.values()].map(({ namespace, name }) => `${namespace}/${name}`)
  const answer = await ground.store.sum({ by, where: { view: 'route', service }, range: resolved.range })
  const { sent, received } = countRoutes(state, answer.rows, asked)
  for (const each of to ? [scope, to] : [scope])
    requireKnown(state, each, () => sent.size + received.size > 0)
  const isOwn = asked.receivers !== null && [...asked.services.keys()].every(id => received.has(id))
  const needed = isOwn
    ? instancesOf(state, scope)
    : asked.senders
      ? instancesOf(state, asked.senders)
      : state.instances
  const heard = heardPods(answer)
  const isHeard = needed.some(({ namespace, name }) => heard.has(podKey({ namespace, pod: name })))
  const rows: RouteRow[] = []
  for (const [id, service] of asked.services) {
    const own = received.get(id)
    rows.push(
      ...(own
        ? rowsOf(state, service, own, isHeard, true)
        : rowsOf(state, service, sent.get(id), isHeard, false)),
    )
  }
  return {
    span: spanOf(ground, answer),
    coverage: coverageOf(ground, answer, needed, resolved),
    ...noteOf(
      resolved.note,
      asked.receivers && !isOwn ? sharedNote : null,
      rows.some(({ effective }) => effective.requests === null) ? uncountedNote : null,
    ),
    rows: rows.sort((a, b) => compareText(a.id, b.id)),
  }
}

function askedOf(state: MeshState, scope: Scope, to: Scope | null): Asked {
  if (to === null) {
    const isGroup = scope.kind === 'namespace' || scope.kind === 'mesh'
    const target: Scope = isGroup ? { kind: 'service', name: null, namespace: scope.name } : scope
    const receivers = target.kind === 'service' ? null : scope
    return { services: servicesOf(state, target), senders: null, receivers }
  }
  if (scope.kind !== 'service') return { services: servicesOf(state, to), senders: scope, receivers: null }
  throw new QuestionError(
    'CONFLICTING_PARAMETERS',
    'Cannot answer for what a service sent: a service only receives',
    'Ask for the workload behind it, e.g. resource=deploy/web',
  )
}

/** The services that a scope names, or those in front of the workloads that it names; by id. */
function servicesOf(state: MeshState, scope: Scope): Map<string, ResourceRef> {
  const fronting = servicesByWorkload(state)
  const names =
    scope.kind === 'service'
      ? resourcesInScope(state, scope, null).map(({ ref }) => `${ref.namespace}/${ref.name}`)
      : instancesOf(state, scope).flatMap(({ workload }) => fronting.get(resourceId(workload)) ?? [])
  const services = new Map<string, ResourceRef>()
  for (const text of names) {
    const [namespace = '', name = ''] = text.split('/')
    const ref: ResourceRef = { namespace, kind: 'service', name }
    services.set(resourceId(ref), ref)
  }
  return services
}

function instancesOf(state: MeshState, scope: Scope): Instance[] {
  return resourcesInScope(state, scope, null).flatMap(({ instances }) => instances)
}

/** What senders, and what receivers counted of the services' routes. */
function countRoutes(
  state: MeshState,
  rows: readonly Row[],
  { services, senders, receivers }: Asked,
): { sent: Counted; received: Counted } {
  const sent: Counted = new Map()
  const received: Counted = new Map()
  for (const { key, sums } of rows) {
    const [direction, namespace = '', kind = '', name = '', pod = '', authority = '', route = ''] = key
    const service = serviceNamed(authority, state.clusterDomain)
    const id = service && resourceId(service)
    if (id === null || !services.has(id)) continue
    const counter = { ref: { namespace, kind: kind as ResourceRef['kind'], name }, pod }
    const isOf = (scope: Scope): boolean => {
      const ref = resourceAt(counter, scope.kind)
      return ref !== null && inScope(scope, ref)
    }
    const isSent = direction === 'outbound' && (senders === null || isOf(senders))
    const isReceived = direction === 'inbound' && receivers !== null && isOf(receivers)
    if (!isSent && !isReceived) continue
    const counted = isSent ? sent : received
    const routes = counted.get(id) ?? new Map<string, Sums>()
    counted.set(id, routes)
    const total = routes.get(route) ?? emptySums()
    routes.set(route, total)
    addSums(total, sums)
  }
  return { sent, received }
}

function rowsOf(
  state: MeshState,
  service: ResourceRef,
  counted: ReadonlyMap<string, Sums> | undefined,
  heard: boolean,
  isReceived: boolean,
): RouteRow[] {
  const profile = profileOf(state, service)
  const routes = new Map<string, ProfileRoute | null>([['', null]])
  for (const route of profile?.routes ?? []) routes.set(route.name, route)
  for (const name of counted?.keys() ?? []) if (!routes.has(name)) routes.set(name, null)
  // Nobody counts routes without a profile: silence then is not idleness.
  const known = heard && (counted !== undefined || profile !== undefined)
  return [...routes].map(([name, route]) => {
    const sums = counted?.get(name)
    const label = name === '' ? defaultRoute : name
    return {
      id: `${resourceId(service)} ${label}`,
      route: label,
      service: service.name,
      namespace: service.namespace,
      effective: goldenOf(sums, known),
      actual: isReceived ? unknownGolden : actualOf(sums, known),
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
