import type { TopologyAnswer, TopologyEdge, TopologyNode, TopologyQuery } from '#lib/api/topology.ts'
import type { ResourceKind } from '#lib/resources/kinds.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Sums } from '#server/store/store.ts'
import { compareText, coverageOf, heardPods } from './coverage.ts'
import { edgeOf, endsOf } from './edges.ts'
import type { Ground } from './ground.ts'
import { meshedOf, servicesByWorkload } from './inventory.ts'
import type { Link } from './link.ts'
import { groupLinks } from './link-groups.ts'
import { findLinks } from './links.ts'
import { resolveRange, spanOf } from './range.ts'
import { inScope, readNamespace } from './scope.ts'
import { isHeard } from './stat.ts'
import { addSums, connectionsOf, emptySums, goldenOf, requestsOf, tcpOf } from './sums.ts'
import { findTraffic, type Subject } from './traffic.ts'

/**
 * The graph of a namespace or of the whole mesh: every resource is a node, idle ones too, and so is whatever lies at the
 * far end of an edge.
 */
export async function answerTopology(ground: Ground, query: TopologyQuery): Promise<TopologyAnswer> {
  const state = ground.platform.current()
  const kind: ResourceKind = query.groupBy ?? 'workload'
  const scope = { kind, name: null, namespace: readNamespace(state, query.namespace) }
  const resolved = resolveRange(ground, query)
  const [{ answer, byStep }, { subjects }] = await Promise.all([
    findLinks(ground, resolved.range, 'workload'),
    findTraffic(ground, { resource: kind }, null, resolved.range),
  ])
  const services = servicesByWorkload(state)
  const groups = groupLinks([...byStep.values()].flat(), link => endsOf(link, kind, services))
  const isInside = (ref: ResourceRef): boolean =>
    scope.namespace === null ||
    ref.namespace === scope.namespace ||
    (ref.kind === 'namespace' && ref.name === scope.namespace)
  const links = [...groups].filter(
    ([, { source, destination }]) => isInside(source.ref) || isInside(destination.ref),
  )
  const known = new Map(subjects.map(subject => [resourceId(subject.ref), subject]))
  const nodes = new Map<string, ResourceRef>()
  for (const { ref } of subjects)
    if (inScope({ ...scope, namespace: null }, ref) && isInside(ref)) nodes.set(resourceId(ref), ref)
  for (const [, { source, destination }] of links) {
    for (const { ref } of [source, destination]) nodes.set(resourceId(ref), ref)
  }
  const heard = heardPods(answer)
  const incoming = sumIncoming(links.map(([, link]) => link))
  return {
    span: spanOf(answer),
    coverage: coverageOf(ground, answer, state.instances, resolved),
    nodes: [...nodes]
      .map(([id, ref]) => nodeOf(id, ref, known.get(id), incoming.get(id), heard))
      .sort((a, b) => compareText(a.id, b.id)),
    edges: links
      .map(([id, link]) => topologyEdge(id, link, kind !== 'service'))
      .sort((a, b) => compareText(a.id, b.id)),
  }
}

/** What each node's callers counted, by node; refusals with it. */
function sumIncoming(links: readonly Link[]): Map<string, { sums: Sums; denied: number }> {
  const incoming = new Map<string, { sums: Sums; denied: number }>()
  for (const { destination, sums, denied } of links) {
    const id = resourceId(destination.ref)
    const entry = incoming.get(id) ?? { sums: emptySums(), denied: 0 }
    incoming.set(id, entry)
    addSums(entry.sums, sums)
    entry.denied += denied
  }
  return incoming
}

/** A node without a proxy of its own shows what its callers counted. */
function nodeOf(
  id: string,
  ref: ResourceRef,
  subject: Subject | undefined,
  incoming: { sums: Sums; denied: number } | undefined,
  heardPodsNow: ReadonlySet<string>,
): TopologyNode {
  const heard = subject !== undefined && isHeard(subject, heardPodsNow)
  const { running, total } = meshedOf(subject?.instances ?? [])
  const [traffic] = subject?.bySteps.values() ?? []
  const sums = heard || traffic ? traffic?.sums : incoming?.sums
  const badges: string[] = []
  if (ref.kind === 'unmeshed' || (subject && total > 0 && running === 0)) badges.push('unmeshed')
  if (running > 0 && running < total) badges.push('partly-meshed')
  if (running > 0 && !heard) badges.push('not-answering')
  if (heard && !traffic && !incoming) badges.push('idle')
  if ((incoming?.denied ?? 0) > 0) badges.push('denied')
  return {
    id,
    namespace: ref.namespace,
    kind: ref.kind,
    name: ref.name,
    meshed: running > 0 || ref.kind === 'serviceaccount',
    golden: goldenOf(sums, heard),
    tcp: tcpOf(sums, heard),
    badges,
  }
}

function topologyEdge(id: string, link: Link, compare: boolean): TopologyEdge {
  const edge = edgeOf(id, link, compare)
  const isHttp = requestsOf(link.sums) > 0 || (link.denied > 0 && connectionsOf(link.sums) === 0)
  return {
    ...edge,
    source: resourceId(link.source.ref),
    destination: resourceId(link.destination.ref),
    protocol: isHttp ? 'http' : 'tcp',
  }
}
