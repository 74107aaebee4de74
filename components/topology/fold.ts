import type { Mtls } from '#lib/api/edges.ts'
import type { TopologyAnswer, TopologyEdge, TopologyNode } from '#lib/api/topology.ts'
import type { Graph, GraphEdge, GraphNode } from './graph.ts'
import { addGolden, addTcp, noGolden, noTcp } from './sum-golden.ts'
import { isFailing } from './verdict.ts'

/** Above this many nodes namespaces fold: nobody reads more at once. */
export const readableNodes = 150

/** Which namespaces stay open although there is much to show: those named, or all. */
export type Unfolded = ReadonlySet<string> | 'all'

/**
 * The picture of an answer. Up to `readableNodes` it is the answer; beyond, every namespace that is not `unfolded`
 * becomes one node, and edges between the same two ends become one. The ends of failing and of denied edges stay.
 */
export function foldGraph(
  { nodes, edges }: Pick<TopologyAnswer, 'nodes' | 'edges'>,
  unfolded: Unfolded,
): Graph {
  const namespaces = new Set(nodes.map(node => node.namespace).filter(namespace => namespace !== ''))
  const isReadable = nodes.length <= readableNodes || namespaces.size < 2 || unfolded === 'all'
  if (isReadable) {
    return {
      nodes: nodes.map(node => ({ ...node, folded: 0 })),
      edges: edges.map(edge => ({ ...edge, merged: 1 })),
      folded: [],
    }
  }
  const staying = new Set(edges.filter(isFailing).flatMap(edge => [edge.source, edge.destination]))
  const members = new Map<string, TopologyNode[]>()
  const shown: GraphNode[] = []
  const placeOf = new Map<string, string>()
  for (const node of nodes) {
    const stays = node.namespace === '' || unfolded.has(node.namespace) || staying.has(node.id)
    placeOf.set(node.id, stays ? node.id : groupId(node.namespace))
    if (stays) shown.push({ ...node, folded: 0 })
    else members.set(node.namespace, [...(members.get(node.namespace) ?? []), node])
  }
  const groups = [...members].map(([namespace, inside]) => groupNode(namespace, inside))
  return {
    nodes: [...groups, ...shown],
    edges: mergeEdges(edges, placeOf),
    folded: [...members.keys()].sort(),
  }
}

/** The id of the node that stands for a namespace. */
export function groupId(namespace: string): string {
  return `/namespace/${namespace}`
}

function groupNode(namespace: string, inside: readonly TopologyNode[]): GraphNode {
  const badges = new Set(inside.flatMap(node => node.badges))
  if (inside.some(node => !node.badges.includes('idle'))) badges.delete('idle')
  if (inside.some(node => node.meshed) && badges.delete('unmeshed')) badges.add('partly-meshed')
  return {
    id: groupId(namespace),
    namespace: '',
    kind: 'namespace',
    name: namespace,
    meshed: inside.some(node => node.meshed),
    golden: inside.map(node => node.golden).reduce(addGolden, noGolden),
    tcp: inside.map(node => node.tcp).reduce(addTcp, noTcp),
    badges: [...badges],
    folded: inside.length,
  }
}

function mergeEdges(edges: readonly TopologyEdge[], placeOf: ReadonlyMap<string, string>): GraphEdge[] {
  const merged = new Map<string, { source: string; destination: string; edges: TopologyEdge[] }>()
  for (const edge of edges) {
    const source = placeOf.get(edge.source) ?? edge.source
    const destination = placeOf.get(edge.destination) ?? edge.destination
    const isMoved = source !== edge.source || destination !== edge.destination
    if (isMoved && source === destination) continue
    const id = isMoved ? `${source}>${destination}` : edge.id
    const known = merged.get(id)
    if (known) known.edges.push(edge)
    else merged.set(id, { source, destination, edges: [edge] })
  }
  return [...merged].map(([id, { source, destination, edges: alike }]) => ({
    ...joinEdges(alike),
    id,
    source,
    destination,
    merged: alike.length,
  }))
}

/** Edges as one, with the ends of the first. */
function joinEdges(alike: readonly TopologyEdge[]): TopologyEdge {
  const [first, ...others] = alike
  if (first === undefined) throw new RangeError('Cannot join edges: expected at least one, got none')
  if (others.length === 0) return first
  const { disagreement: _, effective, retries, ...joined } = first
  let afterRetries = effective && { effective, retries: retries ?? 0 }
  const reasons = new Set(first.reasons)
  let weight = first.golden.requests ?? 0
  for (const more of others) {
    const added = more.golden.requests ?? 0
    if (weight + added > 0) {
      joined.mtlsRatio = ((joined.mtlsRatio ?? 0) * weight + (more.mtlsRatio ?? 0) * added) / (weight + added)
    }
    weight += added
    if (joined.clientId !== more.clientId) joined.clientId = ''
    if (joined.serverId !== more.serverId) joined.serverId = ''
    joined.secured &&= more.secured
    joined.mtls = joinMtls(joined.mtls, more.mtls)
    joined.denied += more.denied
    joined.golden = addGolden(joined.golden, more.golden)
    joined.tcp = addTcp(joined.tcp, more.tcp)
    // What one of them does not tell, nobody knows of all.
    afterRetries = afterRetries &&
      more.effective && {
        effective: addGolden(afterRetries.effective, more.effective),
        retries: afterRetries.retries + (more.retries ?? 0),
      }
    if (more.protocol === 'http') joined.protocol = 'http'
    for (const reason of more.reasons) reasons.add(reason)
  }
  return { ...joined, ...afterRetries, reasons: [...reasons] }
}

function joinMtls(a: Mtls, b: Mtls): Mtls {
  if (a === b) return a
  if (a === 'all' || b === 'all' || a === 'some' || b === 'some') return 'some'
  return 'none'
}
