import type { TopologyNode } from '#lib/api/topology.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Sums } from '#server/store/store.ts'
import { meshedOf } from './inventory.ts'
import { type Link, refusedOf } from './link.ts'
import { isHeard } from './stat.ts'
import { addSums, emptySums, goldenOf, tcpOf } from './sums.ts'
import type { Subject } from './traffic.ts'

/** What a node's neighbours know of it. */
export interface Neighbours {
  /** Counted at its callers. */
  readonly incoming: Sums
  /** Of what they counted as successes. */
  refused: number
  denied: number
  isCalled: boolean
  isCalling: boolean
}

/** What neighbours know of each node that has any, by its id. */
export function neighboursOf(links: readonly Link[]): Map<string, Neighbours> {
  const found = new Map<string, Neighbours>()
  const at = (ref: ResourceRef): Neighbours => {
    const id = resourceId(ref)
    const known = found.get(id) ?? {
      incoming: emptySums(),
      refused: 0,
      denied: 0,
      isCalled: false,
      isCalling: false,
    }
    found.set(id, known)
    return known
  }
  for (const link of links) {
    at(link.source.ref).isCalling = true
    const destination = at(link.destination.ref)
    destination.isCalled = true
    destination.denied += link.denied
    destination.refused += refusedOf(link)
    addSums(destination.incoming, link.sums)
  }
  return found
}

/** A node as the API prints it. One without a proxy of its own shows what its callers counted. */
export function nodeOf(
  ref: ResourceRef,
  subject: Subject | undefined,
  neighbours: Neighbours | undefined,
  heard: ReadonlySet<string>,
): TopologyNode {
  const isKnown = subject !== undefined && isHeard(subject, heard)
  const { running, total } = meshedOf(subject?.instances ?? [])
  const [own] = subject?.bySteps.values() ?? []
  const isToldByCallers = !isKnown && !own && neighbours?.isCalled === true
  const sums = isToldByCallers ? neighbours.incoming : own?.sums
  const badges: string[] = []
  if (ref.kind === 'unmeshed' || (total > 0 && running === 0)) badges.push('unmeshed')
  if (running > 0 && running < total) badges.push('partly-meshed')
  if (running > 0 && !isKnown) badges.push('not-answering')
  if (isKnown && !own && !neighbours) badges.push('idle')
  if (neighbours && neighbours.denied > 0) badges.push('denied')
  return {
    id: resourceId(ref),
    namespace: ref.namespace,
    kind: ref.kind,
    name: ref.name,
    meshed: running > 0 || ref.kind === 'serviceaccount',
    golden: goldenOf(sums, isKnown, isToldByCallers ? neighbours.refused : 0),
    tcp: tcpOf(sums, isKnown),
    badges,
  }
}
