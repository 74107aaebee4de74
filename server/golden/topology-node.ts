import type { TopologyNode } from '#lib/api/topology.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import type { Sums } from '#server/store/store.ts'
import type { Endpoint } from './callers.ts'
import { meshedOf } from './inventory.ts'
import { type Link, refusedOf } from './link.ts'
import { isHeard } from './stat.ts'
import { addSums, emptySums, goldenOf, tcpOf } from './sums.ts'
import type { Subject } from './traffic.ts'

/** What a node's neighbours know of it. */
export interface Neighbours {
  /** From its callers. */
  readonly incoming: Link[]
  /** Of what they counted as successes. */
  refused: number
  denied: number
}

/** What neighbours know of each node that has any, by its id. */
export function neighboursOf(links: readonly Link[]): Map<string, Neighbours> {
  const found = new Map<string, Neighbours>()
  const at = ({ id }: Endpoint): Neighbours => {
    let known = found.get(id)
    if (!known) {
      known = { incoming: [], refused: 0, denied: 0 }
      found.set(id, known)
    }
    return known
  }
  for (const link of links) {
    at(link.source)
    const destination = at(link.destination)
    destination.denied += link.denied
    destination.refused += refusedOf(link)
    destination.incoming.push(link)
  }
  return found
}

function sumsOf(links: readonly Link[]): Sums {
  const sums = emptySums()
  for (const link of links) addSums(sums, link.sums)
  return sums
}

/** A node as the API prints it. One without a proxy of its own shows what its callers counted. */
export function nodeOf(
  id: string,
  ref: ResourceRef,
  subject: Subject | undefined,
  neighbours: Neighbours | undefined,
  heard: ReadonlySet<string>,
): TopologyNode {
  const isKnown = subject !== undefined && isHeard(subject, heard)
  const { running, total } = meshedOf(subject?.instances ?? [])
  const [own] = subject?.bySteps.values() ?? []
  const callers = isKnown || own ? [] : (neighbours?.incoming ?? [])
  const sums = callers.length > 0 ? sumsOf(callers) : own?.sums
  const badges: string[] = []
  if (ref.kind === 'unmeshed' || (total > 0 && running === 0)) badges.push('unmeshed')
  if (running > 0 && running < total) badges.push('partly-meshed')
  if (running > 0 && !isKnown) badges.push('not-answering')
  if (isKnown && !own && !neighbours) badges.push('idle')
  if (neighbours && neighbours.denied > 0) badges.push('denied')
  return {
    id,
    namespace: ref.namespace,
    kind: ref.kind,
    name: ref.name,
    meshed: running > 0 || ref.kind === 'serviceaccount',
    golden: goldenOf(sums, isKnown, callers.length > 0 ? neighbours?.refused : 0),
    tcp: tcpOf(sums, isKnown),
    badges,
  }
}
