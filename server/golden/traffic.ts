import type { GoldenQuery } from '#lib/api/golden.ts'
import type { LabelSelector } from '#lib/resources/label-selector.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Answer, Dimension, Range, Sums } from '#server/store/store.ts'
import type { Endpoint } from './callers.ts'
import { podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { destinationAt, resourceAt, serviceRef } from './grouping.ts'
import { refusedOf } from './link.ts'
import { findLinks } from './links.ts'
import { QuestionError } from './question-error.ts'
import { inScope, readScope, requireKnown, resourcesInScope, type Scope } from './scope.ts'
import { addSums, emptySums, requestsOf } from './sums.ts'

/** What is counted of one resource in one step. */
export interface Traffic {
  readonly sums: Sums
  /** Requests that came with mTLS. */
  secured: number
  denied: number
  /** Those of the denied that are among the successes. */
  refused: number
}

/** One resource that a question is about. */
export interface Subject {
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

type Tallied = Map<string, { ref: ResourceRef; bySteps: Map<number, Traffic> }>

/** The traffic of every resource that a question of `/golden` is about, in steps if asked. */
export async function findTraffic(
  ground: Ground,
  query: GoldenQuery,
  selector: LabelSelector | null,
  range: Range,
  stepSeconds?: number,
): Promise<TrafficFound> {
  const state = ground.platform.current()
  const scope = readScope(state, 'resource', query.resource, query.namespace)
  const other = readOther(ground, query, scope)
  const resources = resourcesInScope(state, scope, selector)
  const found = new Map(resources.map(({ ref, instances }) => [resourceId(ref), { ref, instances }]))
  const counted = other
    ? await countLinks(ground, range, scope, other, stepSeconds)
    : await countOwn(ground, range, scope, selector ? new Set(resources.flatMap(podsOf)) : null, stepSeconds)
  for (const [id, { ref }] of counted.tallied) {
    if (!selector && !found.has(id)) found.set(id, { ref, instances: [] })
  }
  requireKnown(state, scope, () => counted.tallied.size > 0)

  const all = state.instances
  const fromInstances =
    other?.way === 'from' ? resourcesInScope(state, other.scope, null).flatMap(r => r.instances) : []
  const subjects: Subject[] = []
  for (const [id, { ref, instances }] of found) {
    const bySteps = counted.tallied.get(id)?.bySteps ?? new Map<number, Traffic>()
    if (other && bySteps.size === 0 && scope.name === null && scope.kind !== 'mesh') continue
    const meshedSources = fromInstances.some(({ meshed }) => meshed)
    const witnesses =
      other?.way === 'from' && meshedSources ? fromInstances : scope.kind === 'service' ? all : instances
    subjects.push({ ref, instances, witnesses, bySteps })
  }
  const needed = new Set(subjects.flatMap(({ witnesses }) => witnesses))
  return { answer: counted.answer, subjects, needed, note: scope.kind === 'service' ? serviceNote : null }
}

const serviceNote =
  'Services are counted at their callers, so callers without a proxy are not in these numbers'

interface Other {
  readonly way: 'to' | 'from'
  readonly scope: Scope
}

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

async function countLinks(
  ground: Ground,
  range: Range,
  scope: Scope,
  other: Other,
  stepSeconds?: number,
): Promise<{ answer: Answer; tallied: Tallied }> {
  const grain = scope.kind === 'pod' || other.scope.kind === 'pod' ? 'pod' : 'workload'
  const { answer, byStep } = await findLinks(ground, range, grain, stepSeconds)
  const tallied: Tallied = new Map()
  for (const [atMs, links] of byStep) {
    for (const link of links) {
      const [ref, far] =
        other.way === 'to'
          ? [resourceAt(link.source, scope.kind), destinationAt(link, other.scope.kind)]
          : [destinationAt(link, scope.kind), resourceAt(link.source, other.scope.kind)]
      if (!ref || !far || !inScope(scope, ref) || !inScope(other.scope, far)) continue
      add(tallied, ref, atMs, link.sums, {
        secured: link.requests.secured,
        denied: link.denied,
        refused: refusedOf(link),
      })
    }
  }
  return { answer, tallied }
}

/** What came to the resources: at themselves, or for services at their callers. */
async function countOwn(
  { store }: Ground,
  range: Range,
  scope: Scope,
  pods: ReadonlySet<string> | null,
  stepSeconds?: number,
): Promise<{ answer: Answer; tallied: Tallied }> {
  const isService = scope.kind === 'service'
  const by: readonly Dimension[] = isService
    ? ['service', 'peerId', 'tls']
    : [
        'namespace',
        'kind',
        'name',
        ...(pods || scope.kind === 'pod' ? (['pod'] as const) : []),
        'peerId',
        'tls',
      ]
  const steps = stepSeconds === undefined ? {} : { stepSeconds }
  const [received, denied] = await Promise.all([
    store.sum({ by, where: { view: isService ? 'outbound' : 'inbound' }, range, ...steps }),
    isService ? null : store.sum({ by, where: { view: 'denied' }, range, ...steps }),
  ])
  const tallied: Tallied = new Map()
  for (const row of [...received.rows, ...(denied?.rows ?? [])]) {
    const label = (dimension: Dimension): string => row.key[by.indexOf(dimension)] ?? ''
    const ref = isService ? serviceRef(label('service')) : resourceAt(endpointOf(label), scope.kind)
    if (!ref || !inScope(scope, ref)) continue
    if (pods && !isService && !pods.has(podKey({ namespace: label('namespace'), pod: label('pod') })))
      continue
    const isSecured = label('tls') === 'true' && label('peerId') !== ''
    add(tallied, ref, row.atMs, row.sums, {
      secured: isSecured ? requestsOf(row.sums) : 0,
      denied: row.sums.denied,
      refused: 0,
    })
  }
  return { answer: received, tallied }
}

function endpointOf(label: (dimension: Dimension) => string): Endpoint {
  const kind = label('kind') as ResourceRef['kind']
  return { ref: { namespace: label('namespace'), kind, name: label('name') }, pod: label('pod') }
}

function podsOf({ instances }: { readonly instances: readonly Instance[] }): string[] {
  return instances.map(({ namespace, name }) => podKey({ namespace, pod: name }))
}

function add(
  tallied: Tallied,
  ref: ResourceRef,
  atMs: number,
  sums: Sums,
  more: Pick<Traffic, 'secured' | 'denied' | 'refused'>,
): void {
  const id = resourceId(ref)
  const entry = tallied.get(id) ?? { ref, bySteps: new Map<number, Traffic>() }
  tallied.set(id, entry)
  const traffic = entry.bySteps.get(atMs) ?? { sums: emptySums(), secured: 0, denied: 0, refused: 0 }
  entry.bySteps.set(atMs, traffic)
  addSums(traffic.sums, sums)
  traffic.secured += more.secured
  traffic.denied += more.denied
  traffic.refused += more.refused
}
