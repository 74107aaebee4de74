import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { flowCounts } from './flow-counts.ts'
import { syntheticGraph } from './graph.ts'

const { flows } = syntheticGraph(1_000, '127.24')
const anyFlow = fc.nat(flows.length - 1).map(i => flows[i]!)
const anySecond = fc.double({ min: 0, max: 100_000, noNaN: true })

describe('flowCounts()', () => {
  test('never falls, whatever the flow', () => {
    fc.assert(
      fc.property(anyFlow, anySecond, fc.double({ min: 0, max: 400, noNaN: true }), (flow, second, more) => {
        const before = flowCounts(flow, second)
        const after = flowCounts(flow, second + more)
        expect(after.requests).toBeGreaterThanOrEqual(before.requests)
        expect(after.failures).toBeGreaterThanOrEqual(before.failures)
        expect(after.latencySumMs).toBeGreaterThanOrEqual(before.latencySumMs)
        let reachedBefore = 0
        let reachedAfter = 0
        before.latencyCounts.forEach((count, i) => {
          reachedBefore += count
          reachedAfter += after.latencyCounts[i] ?? 0
          expect(count).toBeGreaterThanOrEqual(0)
          expect(reachedAfter).toBeGreaterThanOrEqual(reachedBefore)
        })
      }),
    )
  })

  test('counts each request once, and about as many as the rate says', () => {
    fc.assert(
      fc.property(anyFlow, fc.integer({ min: 1_200, max: 50_000 }), (flow, second) => {
        const { requests, successes, failures, latencyCounts } = flowCounts(flow, second)
        expect(successes + failures).toBe(requests)
        expect(latencyCounts.reduce((sum, count) => sum + count, 0)).toBe(successes)
        expect(requests / (flow.requestsPerSecond * second)).toBeCloseTo(1, 1)
      }),
    )
  })
})
