import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Answer, Dimension, Question, Range, Row, Selector, Sums } from '#server/store/store.ts'
import { type Endpoint, endpointOf } from './callers.ts'
import { podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { destinationAt, resourceAt, serviceRef } from './grouping.ts'
import { refusedOf } from './link.ts'
import { findLinks } from './links.ts'
import { inScope, type Scope } from './scope.ts'
import { splitRows } from './split-traffic.ts'
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

/** How counts are told apart further. */
export type Detail = Pick<Question, 'stepSeconds' | 'withStatuses'>

/** Counts of each resource by its id, and by start of the step. */
export type Tallied = Map<string, { ref: ResourceRef; bySteps: Map<number, Traffic> }>

/** The far side of a question with `to` or `from`. */
export interface Other {
  readonly way: 'to' | 'from'
  readonly scope: Scope
}

/** What the resources sent to, or received from, the other side. */
export async function countLinks(
  ground: Ground,
  range: Range,
  scope: Scope,
  other: Other,
  detail: Detail,
): Promise<{ answer: Answer; tallied: Tallied }> {
  const grain = scope.kind === 'pod' || other.scope.kind === 'pod' ? 'pod' : 'workload'
  const { answer, byStep } = await findLinks(ground, range, grain, detail)
  const tallied: Tallied = new Map()
  for (const [atMs, links] of byStep) {
    for (const link of links) {
      const [ref, far] =
        other.way === 'to'
          ? [resourceAt(link.source, scope.kind), destinationAt(link, other.scope.kind)]
          : [destinationAt(link, scope.kind), resourceAt(link.source, other.scope.kind)]
      if (!ref || !far || !inScope(scope, ref) || !inScope(other.scope, far)) continue
      addTraffic(tallied, ref, atMs, link.sums, {
        secured: link.requests.secured,
        denied: link.denied,
        refused: refusedOf(link),
      })
    }
  }
  return { answer, tallied }
}

/** What came to the resources: at themselves, or for services at their callers. */
export async function countOwn(
  ground: Ground,
  range: Range,
  scope: Scope,
  pods: ReadonlySet<string> | null,
  detail: Detail,
): Promise<{ answer: Answer; tallied: Tallied }> {
  const { store } = ground
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
  const where = narrowed(scope)
  const [received, denied, split, refused] = await Promise.all([
    store.sum({ by, where: { view: isService ? 'outbound' : 'inbound', ...where }, range, ...detail }),
    isService ? null : store.sum({ by, where: { view: 'denied', ...where }, range, ...detail }),
    isService ? splitRows(ground, range, scope, detail) : [],
    isService ? refusedCalls(ground, range, scope, detail) : [],
  ])
  const tallied: Tallied = new Map()
  for (const row of [...received.rows, ...(denied?.rows ?? [])]) {
    const { end, isSecured } = receiverOf(by, row)
    const ref = isService ? end.ref : resourceAt(end, scope.kind)
    if (!ref || !inScope(scope, ref)) continue
    if (pods && !isService && !pods.has(podKey({ namespace: end.ref.namespace, pod: end.pod }))) continue
    const more = { secured: isSecured ? requestsOf(row.sums) : 0, denied: row.sums.denied, refused: 0 }
    addTraffic(tallied, ref, row.atMs, row.sums, more, ref === end.ref && end.pod === '' ? end.id : undefined)
  }
  for (const { isSecured, ref, row } of split) {
    const more = { secured: isSecured ? requestsOf(row.sums) : 0, denied: 0, refused: 0 }
    addTraffic(tallied, ref, row.atMs, row.sums, more)
  }
  for (const { ref, atMs, count } of refused) {
    if (inScope(scope, ref))
      addTraffic(tallied, ref, atMs, emptySums(), { secured: 0, denied: count, refused: count })
  }
  return { answer: received, tallied }
}

/** What policy refused of the requests that callers' proxies counted for a service. */
interface RefusedCalls {
  readonly ref: ResourceRef
  readonly atMs: number
  readonly count: number
}

/** Refusals are counted where they happen: only links tell by which service. They are asked for only when there are any. */
async function refusedCalls(
  ground: Ground,
  range: Range,
  { namespace }: Scope,
  { stepSeconds }: Detail,
): Promise<readonly RefusedCalls[]> {
  const where = { view: 'denied', ...(namespace === null ? {} : { namespace }) } as const
  const { rows } = await ground.store.sum({ by: [], where, range })
  if (rows.every(({ sums }) => sums.denied === 0)) return []
  const { byStep } = await findLinks(
    ground,
    range,
    'workload',
    stepSeconds === undefined ? {} : { stepSeconds },
  )
  return [...byStep].flatMap(([atMs, links]) =>
    links.flatMap(link => {
      const ref = serviceRef(link.service)
      const count = refusedOf(link)
      return ref !== null && count > 0 ? [{ ref, atMs, count }] : []
    }),
  )
}

/** Who received what a row tells of. */
interface Receiver {
  readonly end: Endpoint
  readonly isSecured: boolean
}

/** By the keys of rows: a store gives the same key again for the same group. */
const receivers = new WeakMap<readonly string[], Receiver>()

function receiverOf(by: readonly Dimension[], { key }: Row): Receiver {
  const known = receivers.get(key)
  if (known) return known
  const label = (dimension: Dimension): string => key[by.indexOf(dimension)] ?? ''
  const kind = label('kind') as ResourceRef['kind']
  const workload: ResourceRef = { namespace: label('namespace'), kind, name: label('name') }
  const ref = by.includes('service') ? (serviceRef(label('service')) ?? noService) : workload
  const receiver = {
    end: endpointOf(ref, label('pod')),
    isSecured: label('tls') === 'true' && label('peerId') !== '',
  }
  receivers.set(key, receiver)
  return receiver
}

/** What callers sent past every service: no resource's. */
const noService: ResourceRef = { namespace: '', kind: 'external', name: '' }

/** Leaves out most of what is not in the scope, so that it need not be added up. */
function narrowed({ kind, name, namespace }: Scope): Partial<Selector> {
  if (kind === 'mesh') return {}
  if (kind === 'namespace') return name === null ? {} : { namespace: name }
  if (kind === 'service')
    return name === null || namespace === null ? {} : { service: `${namespace}/${name}` }
  // A pod without an owner is its own workload.
  const ofName = name === null ? {} : kind === 'pod' ? { pod: name } : { name }
  return { ...(namespace === null ? {} : { namespace }), ...ofName }
}

/** Adds to what is counted of a resource in a step. */
export function addTraffic(
  tallied: Tallied,
  ref: ResourceRef,
  atMs: number,
  sums: Sums,
  more: Pick<Traffic, 'secured' | 'denied' | 'refused'>,
  id = resourceId(ref),
): void {
  let entry = tallied.get(id)
  if (!entry) {
    entry = { ref, bySteps: new Map() }
    tallied.set(id, entry)
  }
  let traffic = entry.bySteps.get(atMs)
  if (!traffic) {
    traffic = { sums: emptySums(), secured: 0, denied: 0, refused: 0 }
    entry.bySteps.set(atMs, traffic)
  }
  addSums(traffic.sums, sums)
  traffic.secured += more.secured
  traffic.denied += more.denied
  traffic.refused += more.refused
}
