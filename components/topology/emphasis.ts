import { type EdgeFilter, passesFilter } from '#lib/api/edge-filter.ts'
import type { Graph } from './graph.ts'

/** A node or an edge of the picture. */
export type Target = { readonly type: 'node' | 'edge'; readonly id: string }

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
