import type { Mtls } from '#lib/api/edges.ts'
import type { TopologyAnswer, TopologyEdge, TopologyNode } from '#lib/api/topology.ts'
import { isFailing } from './edge-verdict.ts'
import { readableNodes } from './readable-nodes.ts'
import { sumGolden, sumTcp } from './sum-golden.ts'
import type { Unfolded } from './unfolded.ts'

/** The nodes and edges of a topology. */
export type Drawn = Pick<TopologyAnswer, 'nodes' | 'edges'>

/**
 * What people can read of a topology. Up to `readableNodes` it is all of it; beyond, every namespace that is not
 * `unfolded` becomes one node, and edges between the same two ends become one. The ends of failing and of denied edges
 * stay.
 */
export function foldTopology(whole: Drawn, unfolded: Unfolded): Drawn {
  const { nodes, edges } = whole
  const namespaces = new Set(nodes.map(node => node.namespace).filter(namespace => namespace !== ''))
  if (nodes.length <= readableNodes || namespaces.size < 2 || unfolded === 'all') return whole
  const staying = new Set(edges.filter(isFailing).flatMap(edge => [edge.source, edge.destination]))
  const members = new Map<string, TopologyNode[]>()
  const shown: TopologyNode[] = []
  const placeOf = new Map<string, string>()
  for (const node of nodes) {
    const stays = node.namespace === '' || unfolded.has(node.namespace) || staying.has(node.id)
    placeOf.set(node.id, stays ? node.id : groupId(node.namespace))
    const together = members.get(node.namespace)
    if (stays) shown.push(node)
    else if (together) together.push(node)
    else members.set(node.namespace, [node])
  }
  const groups = [...members].map(([namespace, inside]) => groupNode(namespace, inside))
  return { nodes: [...groups, ...shown], edges: mergeEdges(edges, placeOf) }
}

/** The id of the node that stands for a namespace. */
export function groupId(namespace: string): string {
  return `/namespace/${namespace}`
}

function groupNode(namespace: string, inside: readonly TopologyNode[]): TopologyNode {
  const badges = new Set(inside.flatMap(node => node.badges))
  if (inside.some(node => !node.badges.includes('idle'))) badges.delete('idle')
  if (inside.some(node => node.meshed) && badges.delete('unmeshed')) badges.add('partly-meshed')
  return {
    id: groupId(namespace),
    namespace: '',
    kind: 'namespace',
    name: namespace,
    meshed: inside.some(node => node.meshed),
    golden: sumGolden(inside.map(node => node.golden)),
    tcp: sumTcp(inside.map(node => node.tcp)),
    badges: [...badges],
    folded: inside.length,
  }
}

function mergeEdges(edges: readonly TopologyEdge[], placeOf: ReadonlyMap<string, string>): TopologyEdge[] {
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
  return [...merged].map(([id, { source, destination, edges: alike }]) => {
    const [first] = alike
    if (first === undefined) throw new RangeError('Cannot join edges: expected at least one, got none')
    if (alike.length > 1) return { ...joinEdges(first, alike), id, source, destination, merged: alike.length }
    return id === first.id ? first : { ...first, id, source, destination }
  })
}

/** Of several that carry requests HTTP is what they have in common; connections beside them are told by none. */
function joinProtocols(all: readonly TopologyEdge['protocol'][]): TopologyEdge['protocol'] {
  const ofRequests = new Set(all.filter(protocol => protocol !== 'tcp'))
  if (ofRequests.size === 0) return 'tcp'
  return ofRequests.has('http') ? 'http' : 'grpc'
}

/** Edges as one, with the ends of the first. */
function joinEdges(first: TopologyEdge, alike: readonly TopologyEdge[]): TopologyEdge {
  const golden = sumGolden(alike.map(edge => edge.golden))
  const isOne = (id: (edge: TopologyEdge) => string): string =>
    alike.every(edge => id(edge) === id(first)) ? id(first) : ''
  const carried = alike.reduce((sum, edge) => sum + (edge.mtlsRatio ?? 0) * (edge.golden.requests ?? 0), 0)
  // What one of them does not tell, nobody knows of all.
  const afterRetries = alike.flatMap(edge => edge.effective ?? [])
  return {
    id: first.id,
    source: first.source,
    destination: first.destination,
    protocol: joinProtocols(alike.map(edge => edge.protocol)),
    clientId: isOne(edge => edge.clientId),
    serverId: isOne(edge => edge.serverId),
    secured: alike.every(edge => edge.secured),
    mtls: alike.map(edge => edge.mtls).reduce(joinMtls),
    mtlsRatio: golden.requests ? carried / golden.requests : first.mtlsRatio,
    reasons: [...new Set(alike.flatMap(edge => edge.reasons))],
    denied: alike.reduce((sum, edge) => sum + edge.denied, 0),
    golden,
    tcp: sumTcp(alike.map(edge => edge.tcp)),
    ...(afterRetries.length === alike.length && {
      effective: sumGolden(afterRetries),
      retries: alike.reduce((sum, edge) => sum + (edge.retries ?? 0), 0),
    }),
  }
}

function joinMtls(a: Mtls, b: Mtls): Mtls {
  if (a === b) return a
  if (a === 'all' || b === 'all' || a === 'some' || b === 'some') return 'some'
  return 'none'
}
