import { describe, expect, test } from 'vitest'
import { largeAnswer, testEdge, testNode } from '#lib/api/test-topology.ts'
import { graphOf } from './graph.ts'
import { type LayoutRequest, layOut, type Point } from './layout.ts'
import { structureOf } from './places.ts'

const [web, users, cache, batch] = [
  'shop/deployment/web',
  'shop/deployment/users',
  'shop/statefulset/cache',
  'batch/cronjob/batch',
]

function shop(): LayoutRequest {
  const graph = graphOf({
    nodes: [web, users, cache, batch].map(id => testNode(id)),
    edges: [testEdge(web, users), testEdge(users, cache), testEdge(batch, users)],
  })
  const { nodes, links } = structureOf(graph)
  return { nodes, links, fixed: {}, arrange: 'all', flow: 'right' }
}

function byId(request: LayoutRequest): Record<string, Point> {
  const points = layOut(request)
  return Object.fromEntries(request.nodes.map(({ id }, index) => [id, points[index] ?? { x: NaN, y: NaN }]))
}

describe('layOut()', () => {
  test('puts callers left of callees, also across namespaces', () => {
    const at = byId(shop())
    expect(at[web]?.x).toBeLessThan(at[users]?.x ?? 0)
    expect(at[users]?.x).toBeLessThan(at[cache]?.x ?? 0)
    expect(at[batch]?.x).toBeLessThan(at[users]?.x ?? 0)
  })

  test('puts callers above callees where calls go down, and few side by side', () => {
    const at = byId({ ...shop(), flow: 'down' })
    expect(at[web]?.y).toBeLessThan(at[users]?.y ?? 0)
    expect(at[users]?.y).toBeLessThan(at[cache]?.y ?? 0)
    const { nodes, links } = structureOf(graphOf(largeAnswer(40, 60)))
    const points = layOut({ nodes, links, fixed: {}, arrange: 'all', flow: 'down' })
    const xs = points.map(({ x }) => x)
    const ys = points.map(({ y }) => y)
    expect(Math.max(...xs) - Math.min(...xs)).toBeLessThan(4 * 168)
    expect(Math.max(...ys) - Math.min(...ys)).toBeGreaterThan(4 * 168)
  })

  test('leaves what is fixed where it is where calls go down', () => {
    const at = { x: 300, y: -40 }
    expect(byId({ ...shop(), fixed: { [users]: at }, flow: 'down' })[users]).toEqual(at)
  })

  test('gives the same places for the same request', () => {
    expect(layOut(shop())).toEqual(layOut(shop()))
  })

  test('leaves what is fixed where it is, and puts a new node beside its caller', () => {
    const request = shop()
    const before = byId(request)
    const fresh = 'shop/deployment/fresh'
    const grown = [...request.nodes, { id: fresh, group: 'shop' }]
    const caller = request.nodes.findIndex(({ id }) => id === cache)
    const after = byId({
      nodes: grown,
      links: [...request.links, [caller, grown.length - 1]],
      fixed: before,
      arrange: 'new',
      flow: 'right',
    })
    expect({ ...after, [fresh]: undefined }).toEqual({ ...before, [fresh]: undefined })
    expect(after[fresh]?.x).toBeGreaterThan(before[cache]?.x ?? 0)
    expect(Math.abs((after[fresh]?.y ?? 0) - (before[cache]?.y ?? 0))).toBeLessThan(120)
  })

  test('keeps nodes and the boxes of namespaces apart, in a large mesh', () => {
    const { nodes, links } = structureOf(graphOf(largeAnswer(200, 360)))
    const points = layOut({ nodes, links, fixed: {}, arrange: 'all', flow: 'right' })
    const distances = points.flatMap((one, at) =>
      points.slice(at + 1).map(other => Math.hypot(one.x - other.x, one.y - other.y)),
    )
    expect(Math.min(...distances)).toBeGreaterThan(48)
    const boxes = [...new Set(nodes.map(({ group }) => group))].map(group => {
      const inside = points.filter((_, index) => nodes[index]?.group === group)
      const xs = inside.map(({ x }) => x)
      const ys = inside.map(({ y }) => y)
      return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) }
    })
    for (const [at, a] of boxes.entries()) {
      for (const b of boxes.slice(at + 1)) {
        expect(a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top).toBe(true)
      }
    }
  })
})
