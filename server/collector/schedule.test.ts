import fc from 'fast-check'
import { expect, test } from 'vitest'
import { phaseMs, skippedIntervals, untilPhaseMs } from './schedule.ts'

const intervalMs = fc.integer({ min: 100, max: 60_000 })

test('phaseMs() is always the same for one id, and leaves the end of the interval free', () => {
  fc.assert(
    fc.property(fc.string(), intervalMs, (id, interval) => {
      const phase = phaseMs(id, interval)
      expect(phase).toBe(phaseMs(id, interval))
      expect(phase >= 0 && phase < 0.8 * interval).toBe(true)
    }),
  )
})

test('phaseMs() spreads the instances of one workload', () => {
  const tenths = new Set(
    Array.from({ length: 50 }, (_, i) => Math.floor(phaseMs(`shop/web-${i}`, 1_000) / 80)),
  )
  expect(tenths.size).toBeGreaterThanOrEqual(9)
})

test('untilPhaseMs() ends at the phase of the next interval that has it to come', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      intervalMs,
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      (nowMs, interval, share) => {
        const phase = Math.floor(interval * share)
        const waitMs = untilPhaseMs(nowMs, phase, interval)
        expect(waitMs > 0 && waitMs <= interval).toBe(true)
        expect((nowMs + waitMs) % interval).toBe(phase)
      },
    ),
  )
})

test('skippedIntervals() doubles the time between failures, up to half a minute or six intervals', () => {
  const waits = (interval: number) =>
    [0, 1, 2, 3, 4, 5, 50].map(failures => skippedIntervals(failures, interval) + 1)
  expect(waits(5_000)).toEqual([1, 1, 2, 4, 6, 6, 6])
  expect(waits(1_000)).toEqual([1, 1, 2, 4, 6, 6, 6])
  expect(waits(10_000)).toEqual([1, 1, 2, 3, 3, 3, 3])
  expect(waits(60_000)).toEqual([1, 1, 1, 1, 1, 1, 1])
})
