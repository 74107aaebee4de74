import { hasErrors } from '#lib/api/edge-filter.ts'
import type { Graph, GraphEdge } from './graph.ts'
import { isInsecure } from './verdict.ts'

/** A node or an edge of the picture. */
export type Target = { readonly type: 'node' | 'edge'; readonly id: string }

/** Which edges a view is about. */
export const edgeFilters = ['all', 'failing', 'insecure', 'denied'] as const
export type EdgeFilter = (typeof edgeFilters)[number]

/** Whether a filter lets an edge through. */
export function passesFilter(edge: GraphEdge, filter: EdgeFilter): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'failing':
      return hasErrors(edge)
    case 'insecure':
      return isInsecure(edge)
    case 'denied':
      return edge.denied > 0
  }
}

/** What stands out; everything else is drawn faintly. */
export interface Emphasis {
  readonly nodes: ReadonlySet<string>
  readonly edges: ReadonlySet<string>
}

/** What stands out when `target` is looked at: it, its edges and their other ends; an edge with its two ends. */
export function emphasisOf(graph: Graph, target: Target): Emphasis {
  const edges =
    target.type === 'edge'
      ? graph.edges.filter(edge => edge.id === target.id)
      : graph.edges.filter(edge => edge.source === target.id || edge.destination === target.id)
  const nodes = new Set(edges.flatMap(edge => [edge.source, edge.destination]))
  if (target.type === 'node') nodes.add(target.id)
  return { nodes, edges: new Set(edges.map(edge => edge.id)) }
}

/** What stands out under a filter: its edges and their ends; `null` for `all`, under which nothing is faint. */
export function filterEmphasis(graph: Graph, filter: EdgeFilter): Emphasis | null {
  if (filter === 'all') return null
  const edges = graph.edges.filter(edge => passesFilter(edge, filter))
  return {
    nodes: new Set(edges.flatMap(edge => [edge.source, edge.destination])),
    edges: new Set(edges.map(edge => edge.id)),
  }
}
