import { describe, expect, test } from 'vitest'
import { parseResource, parseResources } from './parse-resource.ts'

describe('parseResource()', () => {
  test.each([
    ['deploy', { kind: 'deployment', name: null }],
    ['deploy/web', { kind: 'deployment', name: 'web' }],
    ['deployments web', { kind: 'deployment', name: 'web' }],
    ['po/web-6d4.x', { kind: 'pod', name: 'web-6d4.x' }],
    ['svc', { kind: 'service', name: null }],
    ['mesh', { kind: 'mesh', name: null }],
  ])('reads %s', (text, value) => {
    expect(parseResource(text)).toEqual({ ok: true, value })
  })

  test.each(['', 'banana', 'deploy/', 'deploy/Web', 'deploy/a/b', 'mesh/x', 'deploy a b', '/web'])(
    'says what was expected, when given %j',
    text => {
      const parsed = parseResource(text)
      expect(parsed.ok).toBe(false)
      expect(!parsed.ok && parsed.problem).toContain('expected')
    },
  )
})

describe('parseResources()', () => {
  test('reads several names of one kind', () => {
    expect(parseResources(['deploy', 'web', 'users'])).toEqual({
      ok: true,
      value: [
        { kind: 'deployment', name: 'web' },
        { kind: 'deployment', name: 'users' },
      ],
    })
  })

  test('reads several kinds with names', () => {
    expect(parseResources(['deploy/web', 'svc/users'])).toMatchObject({ ok: true, value: { length: 2 } })
  })

  test('refuses the same resource twice', () => {
    expect(parseResources(['deploy/web', 'deployment/web'])).toMatchObject({ ok: false })
  })
})
