import { type Graph, neighboursOf } from './graph.ts'
import type { Flow, Point } from './layout.ts'

export type Direction = 'left' | 'right' | 'up' | 'down'

/**
 * The node an arrow key leads to: right to the callee that gets most, left to the caller that sends most, up and down to
 * the nearest node above or below. Without a callee (or caller) right (or left) leads to the nearest node there. Where
 * calls go down, down and up lead along them, and right and left across.
 */
export function walkFrom(
  graph: Graph,
  id: string,
  direction: Direction,
  placeOf: (id: string) => Point | null,
  flow: Flow = 'right',
): string | null {
  const [ahead, back] = flow === 'right' ? ['right', 'left'] : ['down', 'up']
  const { incoming, outgoing } = neighboursOf(graph, id)
  if (direction === ahead) {
    const [edge] = outgoing.filter(({ destination }) => destination !== id)
    if (edge) return edge.destination
  }
  if (direction === back) {
    const [edge] = incoming.filter(({ source }) => source !== id)
    if (edge) return edge.source
  }
  const from = placeOf(id)
  if (from === null) return null
  let best: string | null = null
  let least = Number.POSITIVE_INFINITY
  for (const node of graph.nodes) {
    const to = placeOf(node.id)
    if (node.id === id || to === null) continue
    const [along, across] = offsets(from, to, direction)
    // Within about 60 degrees of where the key points; aside counts double.
    if (along <= 1 || across > along * 1.8) continue
    const cost = along + across * 2
    if (cost < least) [best, least] = [node.id, cost]
  }
  return best
}

function offsets(from: Point, to: Point, direction: Direction): readonly [along: number, across: number] {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  switch (direction) {
    case 'left':
      return [-dx, Math.abs(dy)]
    case 'right':
      return [dx, Math.abs(dy)]
    case 'up':
      return [-dy, Math.abs(dx)]
    case 'down':
      return [dy, Math.abs(dx)]
  }
}
