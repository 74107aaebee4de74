import { expect, test } from 'vitest'
import { isByChance } from './share-verdict.ts'

test.each([
  [0.9, 0.9, 100, true],
  [0.9, 0.85, 100, true],
  [0.9, 0.75, 100, false],
  [0.9, 0.88, 10_000, false],
  [0.1, 0, 10, true],
  [0, 0, 1_000, true],
  [0, 0.01, 1_000, false],
  [1, 1, 5, true],
  [null, 0.5, 10, null],
  [0.5, null, 0, null],
])('isByChance() of %j asked and %j seen of %i requests is %j', (asked, seen, requests, verdict) => {
  expect(isByChance(asked, seen, requests)).toBe(verdict)
})
