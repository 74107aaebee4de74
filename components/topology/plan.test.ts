import { describe, expect, test } from 'vitest'
import { largeAnswer } from '#lib/api/test-topology.ts'
import { graphOf } from './graph.ts'
import { type LayoutRequest, layOut } from './layout.ts'
import { structureOf } from './places.ts'
import { planAtOnce, planOf } from './plan.ts'

function requestOf(nodes: number): LayoutRequest {
  const { nodes: all, links } = structureOf(graphOf(largeAnswer(nodes, nodes * 2)))
  return { nodes: all, links, fixed: {}, arrange: 'all', flow: 'right' }
}

describe('planOf()', () => {
  test('is the layout of a picture with more nodes than people read at once', () => {
    const request = requestOf(200)
    expect(planOf(request)).toHaveLength(200)
    expect(planOf(request)).toEqual(layOut(request))
    expect(planAtOnce(request)).toEqual(planOf(request))
  })

  test('turns with the calls', () => {
    const right = planOf({ ...requestOf(160), flow: 'right' }) ?? []
    const down = planOf({ ...requestOf(160), flow: 'down' }) ?? []
    const width = (points: typeof right) => Math.max(...points.map(({ x }) => x))
    expect(width(down)).toBeLessThan(width(right))
  })

  test('is none of a small picture, of new nodes in one, or where somebody chose places', () => {
    const request = requestOf(200)
    const [first] = request.nodes
    expect(planOf(requestOf(150))).toBeNull()
    expect(planOf({ ...request, arrange: 'new' })).toBeNull()
    expect(planOf({ ...request, fixed: { [first?.id ?? '']: { x: 0, y: 0 } } })).toBeNull()
  })
})

test('planAtOnce() leaves the largest pictures to another thread', () => {
  expect(planAtOnce(requestOf(320))).toBeNull()
})
