import { expect, test } from 'vitest'
import { refreshInMs } from './refresh-time.ts'

const bounds = { minRefreshMs: 10_000, maxRefreshMs: 86_400_000 }

test.each([
  [30_000, 21_000],
  [5000, 10_000],
  [-5000, 10_000],
  [86_400_000, 60_480_000],
  [30 * 86_400_000, 86_400_000],
])('refreshInMs() of %d ms left is %d ms', (leftMs, expected) => {
  expect(refreshInMs(1_000_000 + leftMs, 1_000_000, bounds)).toBeCloseTo(expected)
})
