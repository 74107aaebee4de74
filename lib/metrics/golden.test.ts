import { expect, test } from 'vitest'
import { goldenSignals, idleGolden, successRate } from './golden.ts'

test('goldenSignals() gives counts, ratio and quantiles, from sums', () => {
  const golden = goldenSignals({
    success: 3,
    failure: 1,
    latency: { boundsMs: [10, 20], counts: [0, 4, 0] },
    responsesPerSecond: 0.5,
  })
  expect(golden).toEqual({
    requests: 4,
    rps: 0.5,
    successRate: 0.75,
    latencyMs: { p50: 15, p95: 19.5, p99: 19.9 },
  })
})

test('goldenSignals() is idle, when nothing was counted', () => {
  expect(goldenSignals({ success: 0, failure: 0, latency: null, responsesPerSecond: 0 })).toEqual(idleGolden)
})

test('successRate() stays below 1, when one of many failed', () => {
  expect(successRate(99_999_999, 1)).toBeLessThan(1)
})
