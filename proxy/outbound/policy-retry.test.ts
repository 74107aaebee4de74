import { expect, test } from 'vitest'
import { retryBackoffMs } from './policy-retry.ts'

test('retryBackoffMs() doubles from the least to the most, and adds a share by chance', () => {
  const backoff = { minMs: 25, maxMs: 250, jitterRatio: 0.5 }
  const waits = (random: number) =>
    [1, 2, 3, 4, 5, 99].map(retry => retryBackoffMs(backoff, retry, () => random))
  expect(waits(0)).toEqual([25, 50, 100, 200, 250, 250])
  expect(waits(1)).toEqual([37.5, 75, 150, 300, 375, 375])
})
