import { describe, expect, test } from 'vitest'
import { golden, testEdge, testNode } from '#lib/api/test-topology.ts'
import { graphOf } from './graph.ts'
import { walkFrom } from './walk.ts'

const [a, b, c] = ['s/deployment/a', 's/deployment/b', 's/deployment/c']
const graph = graphOf({
  nodes: [a, b, c].map(id => testNode(id)),
  edges: [testEdge(a, b, { golden: golden(10, 1) }), testEdge(a, c, { golden: golden(900, 1) })],
})
const places: Record<string, { x: number; y: number }> = {
  [a]: { x: 0, y: 0 },
  [b]: { x: 200, y: -50 },
  [c]: { x: 200, y: 50 },
}
const placeOf = (id: string) => places[id] ?? null

describe('walkFrom()', () => {
  test('follows the busiest call to the right, and back to the left', () => {
    expect(walkFrom(graph, a, 'right', placeOf)).toBe(c)
    expect(walkFrom(graph, c, 'left', placeOf)).toBe(a)
  })

  test('follows calls down and up where they go down', () => {
    expect(walkFrom(graph, a, 'down', placeOf, 'down')).toBe(c)
    expect(walkFrom(graph, c, 'up', placeOf, 'down')).toBe(a)
    expect(walkFrom(graph, b, 'left', placeOf, 'down')).toBe(a)
  })

  test('goes to the nearest node above and below', () => {
    expect(walkFrom(graph, c, 'up', placeOf)).toBe(b)
    expect(walkFrom(graph, b, 'down', placeOf)).toBe(c)
    expect(walkFrom(graph, c, 'down', placeOf)).toBeNull()
  })
})
