import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sparklinePath } from './sparkline-path.ts'

test('sparklinePath() draws oldest to newest, low to high', () => {
  expect(sparklinePath([0, 5, 10], 0, 10, 100, 20)).toEqual({
    line: 'M0 20L50 10L100 0',
    area: 'M0 20L50 10L100 0L100 20L0 20Z',
  })
})

test('sparklinePath() leaves a gap where nothing was measured, and a dot between two gaps', () => {
  expect(sparklinePath([null, 10, null, 0, 0], 0, 10, 100, 20).line).toBe('M25 0h0M75 20L100 20')
  expect(sparklinePath([null, null], 0, 10, 100, 20)).toEqual({ line: '', area: '' })
  expect(sparklinePath([], 0, 10, 100, 20)).toEqual({ line: '', area: '' })
})

test('sparklinePath() never leaves its box', () => {
  const value = fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 }))
  fc.assert(
    fc.property(fc.array(value), fc.integer(), fc.nat(1_000), (values, floor, range) => {
      const { line, area } = sparklinePath(values, floor, floor + range, 120, 24)
      for (const [, x, y] of `${line}${area}`.matchAll(/[ML]([-\d.]+) ([-\d.]+)/g)) {
        expect(Number(x)).toBeGreaterThanOrEqual(0)
        expect(Number(x)).toBeLessThanOrEqual(120)
        expect(Number(y)).toBeGreaterThanOrEqual(0)
        expect(Number(y)).toBeLessThanOrEqual(24)
      }
    }),
  )
})
