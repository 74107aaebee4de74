import { describe, expect, test } from 'vitest'
import { golden, testEdge } from '#lib/api/test-topology.ts'
import { edgeVerdict, isFailing } from './edge-verdict.ts'

const edge = (more: Parameters<typeof testEdge>[2]) => testEdge('a/deployment/a', 'b/deployment/b', more)

describe('edgeVerdict()', () => {
  test('is never good where policy refused something', () => {
    expect(edgeVerdict(edge({ denied: 1 }))).toBe('denied')
    expect(edgeVerdict(edge({}))).toBe('good')
  })

  test('is quiet without traffic, and good for TCP that flows', () => {
    const tcp = { open: 0, readBytesPerSecond: 0, writeBytesPerSecond: 0 }
    expect(edgeVerdict(edge({ golden: golden(0, null), tcp }))).toBe('quiet')
    expect(edgeVerdict(edge({ golden: golden(0, null), protocol: 'tcp' }))).toBe('good')
  })
})

test('isFailing() has refused traffic seen', () => {
  expect(isFailing(edge({ denied: 100, golden: golden(100, 0) }))).toBe(true)
})
