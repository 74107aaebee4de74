import type { Graph } from './graph.ts'
import type { Flow, LayoutRequest, Point } from './layout.ts'

/** What a picture was laid out for: two equal ones need no new layout. */
export interface Structure {
  readonly nodes: LayoutRequest['nodes']
  readonly links: LayoutRequest['links']
  /** The same text for equal structures. */
  readonly key: string
}

export const nowhere: ReadonlyMap<string, Point> = new Map()

/** The structure of a graph, the same whatever order its nodes and edges come in. */
export function structureOf({ nodes, edges }: Graph): Structure {
  const ids = nodes.map(({ id, namespace }) => ({ id, group: namespace })).sort((a, b) => compare(a.id, b.id))
  const indices = new Map(ids.map(({ id }, index) => [id, index]))
  const links = edges
    .flatMap(({ source, destination }) => {
      const [from, to] = [indices.get(source), indices.get(destination)]
      return from === undefined || to === undefined ? [] : [[from, to] as const]
    })
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
  return { nodes: ids, links, key: JSON.stringify([ids.map(({ id }) => id), links]) }
}

/**
 * What to ask for when the picture has `structure` and `placed` nodes have a place; `null` when all have one. All is
 * planned anew when nothing is placed yet, or when most of what was placed had no edge then and has one now.
 */
export function layoutRequest(
  { nodes, links }: Structure,
  placed: ReadonlyMap<string, Point>,
  placedLinks: number,
  pinned: Readonly<Record<string, Point>>,
  flow: Flow,
): LayoutRequest | null {
  const isPoor = links.length > 2 && placedLinks * 2 < links.length
  if (!isPoor && nodes.every(({ id }) => placed.has(id))) return null
  const known = nodes.filter(({ id }) => placed.has(id)).length
  if (isPoor || known * 2 < nodes.length) return { nodes, links, fixed: pinned, arrange: 'all', flow }
  const fixed = Object.fromEntries(
    nodes.flatMap(({ id }) => {
      const point = pinned[id] ?? placed.get(id)
      return point === undefined ? [] : [[id, point]]
    }),
  )
  return { nodes, links, fixed, arrange: 'new', flow }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
