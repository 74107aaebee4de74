import { describe, expect, test } from 'vitest'
import { golden, testEdge, testNode } from '#lib/api/test-topology.ts'
import { edgeVerdict, isFailing, nodeState } from './verdict.ts'

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

describe('nodeState()', () => {
  test('tells idle, unmeshed, external and nameless callers apart', () => {
    const state = (id: string, badges: string[] = [], meshed = true) =>
      nodeState({ ...testNode(id, { badges, meshed }), folded: 0 })
    expect(state('a/deployment/a')).toBe('busy')
    expect(state('a/deployment/a', ['idle'])).toBe('idle')
    expect(state('a/cronjob/a', ['unmeshed'], false)).toBe('unmeshed')
    expect(state('/unmeshed/10.0.0.1', ['unmeshed'], false)).toBe('unmeshed')
    expect(state('/external/example.com', [], false)).toBe('external')
    expect(state('a/serviceaccount/a')).toBe('serviceaccount')
    expect(state('a/deployment/a', ['not-answering'])).toBe('unanswered')
  })
})
