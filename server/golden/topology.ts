import type { TopologyAnswer, TopologyEdge, TopologyQuery } from '#lib/api/topology.ts'
import type { ResourceKind } from '#lib/resources/kinds.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import { readStatusKey } from '#server/store/status-key.ts'
import { compareText, coverageOf, heardPods } from './coverage.ts'
import { edgeOf, endsOf } from './edges.ts'
import { effectiveByEdge, findAsks } from './effective.ts'
import type { Ground } from './ground.ts'
import { servicesByWorkload } from './inventory.ts'
import type { Link } from './link.ts'
import { groupLinks } from './link-groups.ts'
import { findLinks } from './links.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { readNamespace } from './scope.ts'
import { connectionsOf, requestsOf } from './sums.ts'
import { neighboursOf, nodeOf } from './topology-node.ts'
import { findTraffic } from './traffic.ts'

/**
 * The graph of a namespace or of the whole mesh: every resource is a node, idle ones too, and so is whatever lies at the
 * far end of an edge.
 */
export async function answerTopology(ground: Ground, query: TopologyQuery): Promise<TopologyAnswer> {
  const state = ground.platform.current()
  const kind: ResourceKind = query.groupBy ?? 'workload'
  const namespace = readNamespace(state, query.namespace)
  const resolved = resolveRange(ground, query)
  const [{ answer, byStep }, { subjects }, farEnds, asks] = await Promise.all([
    findLinks(ground, resolved.range, 'workload', { withStatuses: true }),
    findTraffic(ground, { resource: kind }, null, resolved.range),
    kind === 'service' ? findTraffic(ground, { resource: 'workload' }, null, resolved.range) : null,
    findAsks(ground, resolved.range),
  ])
  const services = servicesByWorkload(state)
  const groups = groupLinks([...byStep.values()].flat(), link => endsOf(link, kind, services))
  const isInside = (ref: ResourceRef): boolean =>
    namespace === null || (ref.kind === 'namespace' ? ref.name : ref.namespace) === namespace
  const links = [...groups].filter(
    ([, { source, destination }]) => isInside(source.ref) || isInside(destination.ref),
  )
  const nodes = new Map<string, ResourceRef>()
  for (const { id, ref } of subjects) if (isInside(ref)) nodes.set(id, ref)
  for (const [, { source, destination }] of links) {
    nodes.set(source.id, source.ref)
    nodes.set(destination.id, destination.ref)
  }
  const known = new Map([...(farEnds?.subjects ?? []), ...subjects].map(one => [one.id, one]))
  const neighbours = neighboursOf(links.map(([, link]) => link))
  const heard = heardPods(answer)
  const effective = effectiveByEdge(groups, asks)
  return {
    span: spanOf(ground, answer),
    coverage: coverageOf(ground, answer, state.instances, resolved),
    ...noteOf(resolved.note),
    nodes: [...nodes]
      .map(([id, ref]) => nodeOf(id, ref, known.get(id), neighbours.get(id), heard))
      .sort((a, b) => compareText(a.id, b.id)),
    edges: links
      .map(([id, link]) => ({ ...topologyEdge(id, link, kind !== 'service'), ...effective.get(id) }))
      .sort((a, b) => compareText(a.id, b.id)),
  }
}

function topologyEdge(id: string, link: Link, compare: boolean): TopologyEdge {
  const edge = edgeOf(id, link, compare)
  return {
    ...edge,
    source: link.source.id,
    destination: link.destination.id,
    protocol: protocolOf(link),
  }
}

/** What the counts tell: linkerd2-proxy counts HTTP/1 and HTTP/2 alike. */
function protocolOf({ denied, sums }: Link): TopologyEdge['protocol'] {
  const requests = requestsOf(sums)
  if (requests === 0) return denied > 0 && connectionsOf(sums) === 0 ? 'http' : 'tcp'
  let ofGrpc = 0
  for (const [status, count] of sums.statuses ?? []) {
    if (readStatusKey(status).grpcStatus !== '') ofGrpc += count.requests
  }
  return ofGrpc * 2 > requests ? 'grpc' : 'http'
}
