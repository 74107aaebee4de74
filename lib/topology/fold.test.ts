import { describe, expect, test } from 'vitest'
import { golden, testEdge, testNode } from '#lib/api/test-topology.ts'
import { foldTopology, groupId } from './fold.ts'
import { readableNodes } from './readable-nodes.ts'

const many = (namespace: string, count: number) =>
  Array.from({ length: count }, (_, index) => testNode(`${namespace}/deployment/app-${index}`))
const nodes = [...many('a', readableNodes), ...many('b', 20)]
const id = (namespace: string, index: number) => `${namespace}/deployment/app-${index}`

describe('foldTopology()', () => {
  test('leaves a picture that can be read as it is', () => {
    const whole = { nodes: nodes.slice(0, readableNodes), edges: [] }
    expect(foldTopology(whole, new Set())).toBe(whole)
  })

  test('adds what came after retries, and tells nothing of it where one edge does not', () => {
    const told = (requests: number, retries: number) => ({ effective: golden(requests, 1), retries })
    const ofAll = [
      testEdge(id('a', 0), id('b', 0), told(500, 100)),
      testEdge(id('a', 1), id('b', 1), told(590, 10)),
    ]
    const [joined] = foldTopology({ nodes, edges: ofAll }, new Set()).edges
    expect(joined).toMatchObject({ merged: 2, retries: 110, effective: { requests: 1090, successRate: 1 } })
    const ofOne = [...ofAll, testEdge(id('a', 2), id('b', 2))]
    const [partly] = foldTopology({ nodes, edges: ofOne }, new Set()).edges
    expect(partly).toMatchObject({ merged: 3 })
    expect(partly).not.toHaveProperty('retries')
    expect(partly).not.toHaveProperty('effective')
  })

  test('makes one node of each namespace, and one edge of all between two', () => {
    const edges = [
      testEdge(id('a', 0), id('b', 0)),
      testEdge(id('a', 1), id('b', 1)),
      testEdge(id('a', 1), id('a', 2)),
    ]
    const graph = foldTopology({ nodes, edges }, new Set())
    expect(graph.nodes.map(node => [node.id, node.folded])).toEqual([
      [groupId('a'), readableNodes],
      [groupId('b'), 20],
    ])
    expect(graph.edges).toHaveLength(1)
    expect(graph.edges[0]).toMatchObject({
      source: groupId('a'),
      destination: groupId('b'),
      merged: 2,
      secured: true,
    })
    expect(graph.edges[0]?.golden).toMatchObject({
      requests: 1_200,
      successRate: 1,
      latencyMs: { p95: null },
    })
  })

  test('keeps both ends of failing and of denied edges', () => {
    const edges = [
      testEdge(id('a', 0), id('b', 0), { golden: golden(100, 0.9) }),
      testEdge(id('a', 1), id('a', 2), { denied: 4 }),
      testEdge(id('a', 3), id('b', 3)),
    ]
    const graph = foldTopology({ nodes, edges }, new Set())
    const shown = graph.nodes.map(node => node.id)
    expect(shown).toEqual(expect.arrayContaining([id('a', 0), id('b', 0), id('a', 1), id('a', 2)]))
    expect(graph.edges.map(edge => edge.id)).toEqual(expect.arrayContaining([edges[0]?.id, edges[1]?.id]))
    expect(shown).not.toContain(id('a', 3))
  })

  test('opens a namespace that is unfolded, and all of them on request', () => {
    const graph = foldTopology({ nodes, edges: [] }, new Set(['b']))
    expect(graph.nodes.map(node => node.folded)).toEqual([
      readableNodes,
      ...Array.from({ length: 20 }, () => undefined),
    ])
    expect(foldTopology({ nodes, edges: [] }, 'all').nodes).toHaveLength(readableNodes + 20)
  })

  test('calls a bundle partly secured when one of its edges is not', () => {
    const edges = [
      testEdge(id('a', 0), id('b', 0), { golden: golden(300, 1) }),
      testEdge(id('a', 1), id('b', 1), {
        golden: golden(100, 1),
        mtls: 'none',
        mtlsRatio: 0,
        secured: false,
        reasons: ['not_provided_by_remote'],
      }),
    ]
    expect(foldTopology({ nodes, edges }, new Set()).edges[0]).toMatchObject({
      mtls: 'some',
      secured: false,
      mtlsRatio: 0.75,
      reasons: ['not_provided_by_remote'],
    })
  })
})
