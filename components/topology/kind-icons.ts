import type { GraphNode } from './graph.ts'

/** Line drawings of the kinds, in a square of 16 by 16. */
const icons: Readonly<Record<string, string>> = {
  deployment: 'M8 2 13.5 5v6L8 14 2.5 11V5zM2.5 5 8 8l5.5-3M8 8v6',
  statefulset: 'M3 4.5a5 2 0 1 0 10 0a5 2 0 1 0-10 0M3 4.5v7a5 2 0 0 0 10 0v-7M3 8a5 2 0 0 0 10 0',
  daemonset: 'M3 3h4v4H3zM9 3h4v4H9zM3 9h4v4H3zM9 9h4v4H9z',
  job: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M6.5 5.5 11 8l-4.5 2.5z',
  cronjob: 'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M8 5v3.2l2.2 1.4',
  replicaset: 'M5.5 2.5h8v8h-8zM2.5 5.5v8h8',
  replicationcontroller: 'M5.5 2.5h8v8h-8zM2.5 5.5v8h8',
  pod: 'M8 2 13 5v6L8 14 3 11V5z',
  service: 'M8 4.6v2.2M8 6.8 4 10M8 6.8l4 3.2M6.6 1.8h2.8v2.8H6.6zM2.6 10h2.8v2.8H2.6zM10.6 10h2.8v2.8h-2.8z',
  namespace: 'M2.5 5V2.5H5M11 2.5h2.5V5M13.5 11v2.5H11M5 13.5H2.5V11M6 6h4v4H6z',
  unmeshed: 'M8 2l5 2v4c0 3-2 5-5 6c-3-1-5-3-5-6V4zM3.5 12.5l9-9',
  external:
    'M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M2.5 8h11M8 2.5c-3.5 3.5-3.5 7.5 0 11c3.5-3.5 3.5-7.5 0-11',
  serviceaccount: 'M8 3a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5M3 13.5c.6-3 2.4-4.3 5-4.3s4.4 1.3 5 4.3',
}

/** The drawing of a kind as an SVG path; a pod's for a kind without one. */
export function iconOf(kind: string): string {
  return icons[kind] ?? icons.pod ?? ''
}

/** The outline of a node: rounded squares stand for several things, diamonds are outside of the mesh. */
export type NodeShape = 'circle' | 'square' | 'diamond'

/** The outline that goes with a node's kind. */
export function shapeOf({ kind, folded }: Pick<GraphNode, 'kind' | 'folded'>): NodeShape {
  if (kind === 'external') return 'diamond'
  return folded > 0 || kind === 'namespace' || kind === 'service' ? 'square' : 'circle'
}
