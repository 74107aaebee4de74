import type { TopologyAnswer, TopologyEdge, TopologyNode } from '#lib/api/topology.ts'

/** A node of the picture: one of the answer, or a namespace that stands for `folded` of them. */
export interface GraphNode extends TopologyNode {
  /** How many nodes of the answer it stands for; 0 for one of its own. */
  readonly folded: number
}

/** An edge of the picture: one of the answer, or several between the same two nodes of the picture. */
export interface GraphEdge extends TopologyEdge {
  /** How many edges of the answer it stands for; 1 for one of its own. */
  readonly merged: number
}

export interface Graph {
  readonly nodes: readonly GraphNode[]
  readonly edges: readonly GraphEdge[]
  /** Namespaces that are folded now, in the order of their names. */
  readonly folded: readonly string[]
}

/** The picture of an answer, which may be folded. */
export function graphOf({ nodes, edges }: Pick<TopologyAnswer, 'nodes' | 'edges'>): Graph {
  return {
    nodes: nodes.map(node => ({ ...node, folded: node.folded ?? 0 })),
    edges: edges.map(edge => ({ ...edge, merged: edge.merged ?? 1 })),
    folded: nodes.flatMap(({ folded = 0, name }) => (folded > 0 ? [name] : [])).sort(),
  }
}

/** How many nodes of the mesh the picture stands for. */
export function unfoldedCount({ nodes }: Graph): number {
  return nodes.reduce((sum, { folded }) => sum + Math.max(folded, 1), 0)
}

/** The edges at each node, busiest first. */
export interface Neighbours {
  readonly incoming: readonly GraphEdge[]
  readonly outgoing: readonly GraphEdge[]
}

/** Who calls the node and whom it calls. */
export function neighboursOf(graph: Graph, id: string): Neighbours {
  return {
    incoming: graph.edges.filter(edge => edge.destination === id).sort(busiestFirst),
    outgoing: graph.edges.filter(edge => edge.source === id).sort(busiestFirst),
  }
}

/** Orders edges by requests, then connections, then ids. */
export function busiestFirst(a: GraphEdge, b: GraphEdge): number {
  return (
    (b.golden.rps ?? 0) - (a.golden.rps ?? 0) ||
    (b.tcp.open ?? 0) - (a.tcp.open ?? 0) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  )
}

/** The node of an id; `undefined` when the picture has none. */
export function nodeOf(graph: Graph, id: string): GraphNode | undefined {
  return graph.nodes.find(node => node.id === id)
}
