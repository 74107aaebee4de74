import { describe, expect, test } from 'vitest'
import { edgeFilters, hasErrors, isInsecure, passesFilter, toldGolden } from './edge-filter.ts'
import { golden } from './test-topology.ts'

describe('hasErrors()', () => {
  test('does not count refusals as errors', () => {
    expect(hasErrors({ denied: 100, golden: golden(100, 0) })).toBe(false)
    expect(hasErrors({ denied: 50, golden: golden(100, 0.3) })).toBe(true)
  })

  test('begins above 5 % of what passed, and knows nothing without a request', () => {
    expect(hasErrors({ denied: 0, golden: golden(100, 0.96) })).toBe(false)
    expect(hasErrors({ denied: 0, golden: golden(100, 0.9) })).toBe(true)
    expect(hasErrors({ denied: 0, golden: golden(0, null) })).toBe(false)
  })
})

test('isInsecure() takes the unknown for insecure, but not what was refused altogether', () => {
  expect(isInsecure({ secured: false, denied: 0, golden: golden(0, null) })).toBe(true)
  expect(isInsecure({ secured: false, denied: 3, golden: golden(9, 1) })).toBe(true)
  expect(isInsecure({ secured: false, denied: 3, golden: golden(0, null) })).toBe(false)
})

test('passesFilter() shows an edge whose only failures are refusals as denied, not as failing', () => {
  const filtersOf = (edge: Parameters<typeof passesFilter>[0]) =>
    edgeFilters.filter(filter => passesFilter(edge, filter))
  expect(filtersOf({ secured: true, denied: 100, golden: golden(100, 0) })).toEqual(['all', 'denied'])
  expect(filtersOf({ secured: false, denied: 0, golden: golden(100, 0.5) })).toEqual([
    'all',
    'not-mtls',
    'failing',
  ])
  expect(filtersOf({ secured: true, denied: 0, golden: golden(100, 1) })).toEqual(['all'])
})

test('toldGolden() has no success rate when every request was refused, and one when some were let in', () => {
  const rate = (denied: number, successRate: number) =>
    toldGolden({ denied, golden: golden(100, successRate) }).successRate
  expect(rate(100, 0)).toBeNull()
  expect(rate(98, 0)).toBeNull()
  expect(rate(60, 0)).toBe(0)
  expect(rate(0, 0)).toBe(0)
  expect(rate(98, 0.4)).toBe(0.4)
})
