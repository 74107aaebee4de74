import { describe, expect, test } from 'vitest'
import { golden, testEdge } from '#lib/api/test-topology.ts'
import { edgeLook, edgeText } from './edge-look.ts'

const edge = (more: Parameters<typeof testEdge>[2]) => ({
  ...testEdge('a/deployment/a', 'b/deployment/b', more),
  merged: 1,
})

describe('edgeLook()', () => {
  test('is wider with more requests, up to a limit', () => {
    const width = (requests: number) => edgeLook(edge({ golden: golden(requests, 1) })).widthPx
    expect(width(6_000)).toBeGreaterThan(width(60))
    expect(width(1e12)).toBe(7)
  })

  test('draws denied traffic and TCP each in a pattern of its own', () => {
    expect(edgeLook(edge({ denied: 1, protocol: 'tcp' })).dash).toBe('denied')
    expect(edgeLook(edge({ protocol: 'tcp', golden: golden(0, null) })).dash).toBe('tcp')
    expect(edgeLook(edge({})).dash).toBe('solid')
  })
})

describe('edgeText()', () => {
  test('says what was chosen, with its unit', () => {
    const told = edge({ golden: golden(600, 0.999) })
    expect(edgeText(told, 'rps')).toBe('10.0\u00a0rps')
    expect(edgeText(told, 'success')).toBe('99.90\u00a0%')
    expect(edgeText(told, 'p95')).toBe('20.0\u00a0ms')
    expect(edgeText(told, 'none')).toBe('')
  })

  test('always says what was denied', () => {
    expect(edgeText(edge({ denied: 7, golden: golden(0, null) }), 'success')).toBe('7 denied')
  })
})
