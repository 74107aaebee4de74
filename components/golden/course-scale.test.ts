import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { amountScale, roundCeiling, spreadLabels, successScale, timeTicks } from './course-scale.ts'

test('roundCeiling() gives the next round number, when asked for any amount', () => {
  expect([0, 0.3, 1, 7, 38.5, 41, 950].map(roundCeiling)).toEqual([1, 0.3, 1, 8, 40, 50, 1_000])
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), value => {
      const ceiling = roundCeiling(value)
      expect(ceiling).toBeGreaterThanOrEqual(value * (1 - 1e-6))
      expect(ceiling).toBeLessThanOrEqual(value * 2.001)
    }),
  )
})

describe('amountScale()', () => {
  test('grows at once and keeps its top, when a little less comes', () => {
    const first = amountScale(38, null, false)
    expect(first).toEqual({ bottom: 0, top: 40, ticks: [0, 20, 40] })
    expect(amountScale(20, first, false).top).toBe(40)
    expect(amountScale(41, first, false).top).toBe(50)
  })

  test('shrinks, when less than a third of it is used', () => {
    expect(amountScale(5, amountScale(38, null, false), false).top).toBe(5)
  })

  test('labels no half, when the amount is whole', () => {
    expect(amountScale(3, null, true).ticks).toEqual([0, 3])
    expect(amountScale(4, null, true).ticks).toEqual([0, 2, 4])
  })
})

describe('successScale()', () => {
  test('comes so near that 99.9 % shows, when nothing is worse', () => {
    expect(successScale(0.999, null).bottom).toBe(0.995)
    expect(successScale(1, null).bottom).toBe(0.995)
  })

  test('reaches down as far as the rate does', () => {
    expect(successScale(0.992, null).bottom).toBe(0.99)
    expect(successScale(0.62, null).bottom).toBe(0.5)
    expect(successScale(0, null).bottom).toBe(0)
  })

  test('keeps its floor until the rate is well above it', () => {
    const low = successScale(0.62, null)
    expect(successScale(0.8, low).bottom).toBe(0.5)
    expect(successScale(0.97, low).bottom).toBe(0.95)
  })
})

describe('timeTicks()', () => {
  const noon = Date.UTC(2026, 0, 5, 12)

  test('gives round times within the range', () => {
    expect(timeTicks(noon + 1_000, noon + 61_000, 0, 4)).toEqual([15, 30, 45, 60].map(s => noon + s * 1_000))
  })

  test('reach over two weeks', () => {
    const dayMs = 86_400_000
    const midnight = Date.UTC(2026, 0, 5)
    const ticks = timeTicks(midnight + 1, midnight + 14 * dayMs, 0, 5)
    expect(ticks.length).toBeGreaterThanOrEqual(4)
    expect(ticks.at(-1)).toBeGreaterThan(midnight + 10 * dayMs)
    for (const tick of ticks) expect((tick - midnight) % dayMs).toBe(0)
  })

  test('are round in the local day, when the zone is half an hour off', () => {
    const [first = 0] = timeTicks(noon, noon + 12 * 3_600_000, 5.5 * 3_600_000, 4)
    expect(new Date(first + 5.5 * 3_600_000).toISOString()).toBe('2026-01-05T18:00:00.000Z')
  })

  test('are never more than asked for', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2_000, max: 86_400_000 }),
        fc.integer({ min: 2, max: 9 }),
        (lengthMs, most) => {
          const ticks = timeTicks(noon, noon + lengthMs, 0, most)
          expect(ticks.length).toBeLessThanOrEqual(most)
          expect(ticks.every(at => at >= noon && at <= noon + lengthMs)).toBe(true)
        },
      ),
    )
  })
})

test('spreadLabels() keeps order, distance and borders, when labels would lie on each other', () => {
  expect(spreadLabels([50, 52, 90], 12, 100)).toEqual([50, 62, 90])
  expect(spreadLabels([99, 98], 12, 100)).toEqual([100, 88])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 }), wanted => {
      const placed = spreadLabels(wanted, 12, 100)
      const sorted = placed.toSorted((a, b) => a - b)
      expect(sorted.every((at, index) => index === 0 || at - (sorted[index - 1] ?? 0) >= 12)).toBe(true)
      expect(placed.every(at => at >= 0 && at <= 100)).toBe(true)
    }),
  )
})
