import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hasLabels, type LabelExpression, matchesLabels } from './match-labels.ts'

const labels = { app: 'web', tier: 'front' }

describe('hasLabels()', () => {
  test('holds when every wanted label is there with its value', () => {
    expect(hasLabels({}, labels)).toBe(true)
    expect(hasLabels({ app: 'web' }, labels)).toBe(true)
    expect(hasLabels({ app: 'web', tier: 'back' }, labels)).toBe(false)
    expect(hasLabels({ constructor: 'x' }, labels)).toBe(false)
  })
})

describe('matchesLabels()', () => {
  test.each<[LabelExpression['operator'], string, string[], boolean]>([
    ['In', 'app', ['api', 'web'], true],
    ['In', 'zone', ['a'], false],
    ['NotIn', 'app', ['web'], false],
    ['NotIn', 'zone', ['a'], true],
    ['Exists', 'app', [], true],
    ['Exists', 'toString', [], false],
    ['DoesNotExist', 'zone', [], true],
    ['DoesNotExist', 'app', [], false],
  ])('%s %s %j is %s', (operator, key, values, expected) => {
    expect(matchesLabels({ matchLabels: {}, matchExpressions: [{ key, operator, values }] }, labels)).toBe(
      expected,
    )
  })

  test('NotIn is always the opposite of In', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('app', 'tier', 'zone'),
        fc.array(fc.constantFrom('web', 'front', 'a')),
        (key, values) => {
          const holds = (operator: LabelExpression['operator']): boolean =>
            matchesLabels({ matchLabels: {}, matchExpressions: [{ key, operator, values }] }, labels)
          return holds('In') !== holds('NotIn') && holds('Exists') !== holds('DoesNotExist')
        },
      ),
    )
  })
})
