import { describe, expect, test } from 'vitest'
import { testEdge, testNode } from '#lib/api/test-topology.ts'
import { graphOf } from './graph.ts'
import type { Point } from './layout.ts'
import { layoutRequest, structureOf } from './places.ts'

const ids = ['shop/deployment/a', 'shop/deployment/b', 'shop/deployment/c']
const nodes = ids.map(id => testNode(id))
const edges = [testEdge(ids[0] ?? '', ids[1] ?? ''), testEdge(ids[1] ?? '', ids[2] ?? '')]
const origin: Point = { x: 0, y: 0 }

describe('structureOf()', () => {
  test('is the same whatever the order and the numbers, and another with another edge', () => {
    const { key } = structureOf(graphOf({ nodes, edges }))
    const turned = {
      nodes: nodes.toReversed(),
      edges: edges.toReversed().map(edge => ({ ...edge, denied: 3 })),
    }
    expect(structureOf(graphOf(turned)).key).toBe(key)
    expect(structureOf(graphOf({ nodes, edges: edges.slice(1) })).key).not.toBe(key)
  })
})

describe('layoutRequest()', () => {
  const structure = structureOf(graphOf({ nodes, edges }))
  const placed = (...known: string[]) => new Map(known.map(id => [id, origin]))

  test('plans all when nothing has a place, around what somebody put somewhere', () => {
    expect(layoutRequest(structure, placed(), 0, { [ids[1] ?? '']: origin }, 'right')).toMatchObject({
      arrange: 'all',
      fixed: { [ids[1] ?? '']: origin },
    })
  })

  test('asks for nothing when every node has a place', () => {
    expect(layoutRequest(structure, placed(...ids), 2, {}, 'right')).toBeNull()
  })

  test('holds what has a place when a node comes', () => {
    const request = layoutRequest(structure, placed(...ids.slice(0, 2)), 2, {}, 'right')
    expect(request?.arrange).toBe('new')
    expect(Object.keys(request?.fixed ?? {})).toEqual(ids.slice(0, 2))
  })

  test('plans all again when the picture was planned before there was traffic', () => {
    const busy = structureOf(graphOf({ nodes, edges: [...edges, testEdge(ids[2] ?? '', ids[0] ?? '')] }))
    expect(layoutRequest(busy, placed(...ids), 0, {}, 'right')?.arrange).toBe('all')
    expect(layoutRequest(busy, placed(...ids), 3, {}, 'right')).toBeNull()
  })
})
