import { describe, expect, test } from 'vitest'
import { testNode } from '#lib/api/test-topology.ts'
import { nodeState } from './verdict.ts'

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
