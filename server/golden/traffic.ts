import type { GoldenQuery } from '#lib/api/golden.ts'
import type { LabelSelector } from '#lib/resources/label-selector.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Answer, Range } from '#server/store/store.ts'
import { podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { QuestionError } from './question-error.ts'
import { countRoute } from './route-tally.ts'
import { readScope, requireKnown, resourcesInScope, type Scope } from './scope.ts'
import { countLinks, countOwn, type Detail, type Other, type Traffic } from './tally.ts'

/** One resource that a question is about. */
export interface Subject {
  readonly id: string
  readonly ref: ResourceRef
  readonly instances: readonly Instance[]
  /** Any of these having been scraped makes silence mean idleness. */
  readonly witnesses: readonly Instance[]
  readonly bySteps: ReadonlyMap<number, Traffic>
}

export interface TrafficFound {
  readonly answer: Answer
  readonly subjects: readonly Subject[]
  /** The proxies that the whole answer needs. */
  readonly needed: ReadonlySet<Instance>
  readonly note: string | null
}

/** The traffic of every resource that a question of `/golden` is about, in steps or by status if asked. */
export async function findTraffic(
  ground: Ground,
  query: GoldenQuery,
  selector: LabelSelector | null,
  range: Range,
  detail: Detail = {},
): Promise<TrafficFound> {
  const state = ground.platform.current()
  const scope = readScope(state, 'resource', query.resource, query.namespace)
  const other = readOther(ground, query, scope)
  const resources = resourcesInScope(state, scope, selector)
  const found = new Map(resources.map(({ ref, instances }) => [resourceId(ref), { ref, instances }]))
  const pods = selector ? new Set(resources.flatMap(podsOf)) : null
  const ofRoute =
    query.route === undefined
      ? null
      : await countRoute(ground, range, query.route, scope, other, pods, detail)
  const counted =
    ofRoute ??
    (other
      ? await countLinks(ground, range, scope, other, detail)
      : await countOwn(ground, range, scope, pods, detail))
  for (const [id, { ref }] of counted.tallied) {
    if (!selector && !found.has(id)) found.set(id, { ref, instances: [] })
  }
  requireKnown(state, scope, () => counted.tallied.size > 0)

  const all = state.instances
  const fromInstances =
    other?.way === 'from' ? resourcesInScope(state, other.scope, null).flatMap(r => r.instances) : []
  const needed = new Set<Instance>()
  let isAllNeeded = false
  const subjects: Subject[] = []
  for (const [id, { ref, instances }] of found) {
    const bySteps = counted.tallied.get(id)?.bySteps ?? new Map<number, Traffic>()
    if (other && bySteps.size === 0 && scope.name === null && scope.kind !== 'mesh') continue
    if (scope.kind === 'service' && scope.name === null && ofRoute?.services.has(id) === false) continue
    const meshedSources = fromInstances.some(({ meshed }) => meshed)
    const witnesses =
      other?.way === 'from' && meshedSources ? fromInstances : scope.kind === 'service' ? all : instances
    if (witnesses === all) isAllNeeded = true
    else for (const witness of witnesses) needed.add(witness)
    subjects.push({ id, ref, instances, witnesses: ofRoute?.isCounted === false ? [] : witnesses, bySteps })
  }
  const note = ofRoute ? routeNote : scope.kind === 'service' ? serviceNote : null
  return { answer: counted.answer, subjects, needed: isAllNeeded ? new Set(all) : needed, note }
}

const routeNote =
  'Routes are counted by the proxies of callers, and only of services with a ServiceProfile: what callers without a proxy sent is not in these numbers'

const serviceNote = 'Services are counted at their callers: callers without a proxy are not in these numbers'

function readOther({ platform }: Ground, query: GoldenQuery, scope: Scope): Other | null {
  const { to, from } = query
  if (to !== undefined && from !== undefined) {
    throw new QuestionError(
      'CONFLICTING_PARAMETERS',
      `Cannot answer for both to=${to} and from=${from}`,
      'Give one of them',
    )
  }
  const way = to === undefined ? 'from' : 'to'
  const text = to ?? from
  if (text === undefined) {
    if (query.toNamespace === undefined && query.fromNamespace === undefined) return null
    throw new QuestionError(
      'CONFLICTING_PARAMETERS',
      'Cannot use toNamespace or fromNamespace alone',
      'Give to=deploy/web or from=deploy/web with it',
    )
  }
  const state = platform.current()
  const namespace = (way === 'to' ? query.toNamespace : query.fromNamespace) ?? query.namespace
  const otherScope = readScope(state, way, text, text.startsWith('mesh') ? undefined : namespace)
  const sender = way === 'to' ? scope : otherScope
  if (sender.kind === 'service') {
    throw new QuestionError(
      'CONFLICTING_PARAMETERS',
      'Cannot answer for what a service sent: a service only receives',
      'Ask for the workload behind it, e.g. deploy/web',
    )
  }
  requireKnown(state, otherScope, () => false)
  return { way, scope: otherScope }
}

function podsOf({ instances }: { readonly instances: readonly Instance[] }): string[] {
  return instances.map(({ namespace, name }) => podKey({ namespace, pod: name }))
}
