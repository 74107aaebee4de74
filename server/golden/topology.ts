import type { TopologyAnswer, TopologyEdge, TopologyQuery } from '#lib/api/topology.ts'
import type { ResourceKind } from '#lib/resources/kinds.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import { type Drawn, foldTopology } from '#lib/topology/fold.ts'
import { readUnfolded, unfoldedText } from '#lib/topology/unfolded.ts'
import { readStatusKey } from '#server/store/status-key.ts'
import type { Answer, Range, ReadableStore } from '#server/store/store.ts'
import { compareText, coverageOf, heardPods } from './coverage.ts'
import { edgeOf, endsOf } from './edges.ts'
import { effectiveByEdge, findAsks } from './effective.ts'
import type { Ground } from './ground.ts'
import { servicesByWorkload } from './inventory.ts'
import type { Link } from './link.ts'
import { groupLinks } from './link-groups.ts'
import { findLinks } from './links.ts'
import { MadeOfSums } from './made-of-sums.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { readNamespace } from './scope.ts'
import { connectionsOf, requestsOf } from './sums.ts'
import { neighboursOf, nodeOf } from './topology-node.ts'
import { findTraffic } from './traffic.ts'

/** All of a topology, and what was read out of it. */
interface Whole {
  readonly answer: Answer
  readonly drawn: Drawn
  /** By what is unfolded. */
  readonly folded: Map<string, Drawn>
}

/** Two, for each new slot makes its own: of a large mesh one holds some megabytes. */
const mostWholes = 2
const mostFoldings = 16

const wholesOf = new WeakMap<ReadableStore, MadeOfSums<Whole>>()
const toldOf = new WeakMap<Drawn, { readonly around: string; readonly answer: TopologyAnswer }>()

/**
 * The graph of a namespace or of the whole mesh: every resource is a node, idle ones too, and so is whatever lies at the
 * far end of an edge. As long as nothing of it changed, the answer is the same object.
 */
export async function answerTopology(ground: Ground, query: TopologyQuery): Promise<TopologyAnswer> {
  const state = ground.platform.current()
  const kind: ResourceKind = query.groupBy ?? 'workload'
  const namespace = readNamespace(state, query.namespace)
  const resolved = resolveRange(ground, query)
  const { startMs, endMs } = resolved.range
  const wholes = wholesOf.get(ground.store) ?? new MadeOfSums<Whole>(mostWholes)
  wholesOf.set(ground.store, wholes)
  const whole = await wholes.get(JSON.stringify([kind, namespace, startMs, endMs]), ground, own =>
    drawWhole(own, kind, namespace, resolved.range),
  )
  const drawn = query.fold === 'auto' ? foldedOf(whole, query.unfold) : whole.drawn
  const around = {
    span: spanOf(ground, whole.answer),
    coverage: coverageOf(ground, whole.answer, state.instances, resolved),
    ...noteOf(resolved.note),
  }
  const text = JSON.stringify(around)
  const told = toldOf.get(drawn)
  if (told?.around === text) return told.answer
  const answer = { ...around, ...drawn }
  toldOf.set(drawn, { around: text, answer })
  return answer
}

function foldedOf({ drawn, folded }: Whole, unfold: string | undefined): Drawn {
  const unfolded = readUnfolded(unfold)
  const name = unfoldedText(unfolded)
  const known = folded.get(name)
  if (known) return known
  if (folded.size >= mostFoldings) folded.clear()
  const made = foldTopology(drawn, unfolded)
  folded.set(name, made)
  return made
}

async function drawWhole(
  ground: Ground,
  kind: ResourceKind,
  namespace: string | null,
  range: Range,
): Promise<Whole> {
  const state = ground.platform.current()
  // The nodes' numbers are asked for as the links' are, so that both are made of the same sums.
  const detail = { withStatuses: true }
  const [{ answer, byStep }, { subjects }, farEnds, asks] = await Promise.all([
    findLinks(ground, range, 'workload', detail),
    findTraffic(ground, { resource: kind }, null, range, detail),
    kind === 'service' ? findTraffic(ground, { resource: 'workload' }, null, range, detail) : null,
    findAsks(ground, range),
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
  const drawn: Drawn = {
    nodes: [...nodes]
      .map(([id, ref]) => nodeOf(id, ref, known.get(id), neighbours.get(id), heard))
      .sort((a, b) => compareText(a.id, b.id)),
    edges: links
      .map(([id, link]) => ({ ...topologyEdge(id, link, kind !== 'service'), ...effective.get(id) }))
      .sort((a, b) => compareText(a.id, b.id)),
  }
  return { answer, drawn, folded: new Map() }
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
