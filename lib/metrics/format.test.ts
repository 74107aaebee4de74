import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  amount,
  byteRate,
  byteSize,
  duration,
  latency,
  percent,
  percentDigits,
  quantityText,
  requestRate,
} from './format.ts'

const text = quantityText

describe('percent()', () => {
  test.each([
    [1, '100.00\u00a0%'],
    [0.99999, '99.99\u00a0%'],
    [0.9999, '99.99\u00a0%'],
    [0.95, '95.00\u00a0%'],
    [0.000001, '0.01\u00a0%'],
    [0, '0.00\u00a0%'],
    [null, '–'],
  ])('reads %s as %s', (ratio, expected) => expect(text(percent(ratio))).toBe(expected))

  test('says 100 only of a whole, and 0 only of nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), fc.nat(), (total, part) => {
        const ratio = (part % (total + 1)) / total
        expect(percentDigits(ratio) === '100.00').toBe(ratio === 1)
        expect(percentDigits(ratio) === '0.00').toBe(ratio === 0)
        expect(Math.abs(Number(percentDigits(ratio)) - ratio * 100)).toBeLessThanOrEqual(0.0101)
      }),
    )
  })
})

describe('requestRate()', () => {
  test.each([
    [0, '0.0\u00a0rps'],
    [0.01, '< 0.1\u00a0rps'],
    [12.34, '12.3\u00a0rps'],
    [1234567.89, '1,234,567.9\u00a0rps'],
    [null, '–'],
  ])('reads %s as %s', (rate, expected) => expect(text(requestRate(rate))).toBe(expected))
})

describe('latency()', () => {
  test.each([
    [0, '0.0\u00a0ms'],
    [0.01, '< 0.1\u00a0ms'],
    [0.416, '0.4\u00a0ms'],
    [7.25, '7.3\u00a0ms'],
    [250, '250.0\u00a0ms'],
    [999.96, '1.0\u00a0s'],
    [2500, '2.5\u00a0s'],
    [49_999, '50.0\u00a0s'],
    [50_000, '> 50\u00a0s'],
    [null, '–'],
  ])('reads %s as %s', (ms, expected) => expect(text(latency(ms))).toBe(expected))

  test('stays within half of its last decimal of what was measured', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 49_999, noNaN: true }), ms => {
        const { digits, unit } = latency(ms)
        const shownMs = Number(digits) * (unit === 's' ? 1000 : 1)
        expect(Math.abs(shownMs - ms)).toBeLessThanOrEqual(unit === 's' ? 50.01 : 0.0501)
      }),
    )
  })
})

describe('byteRate()', () => {
  test.each([
    [0, '0.0\u00a0B/s'],
    [999.9, '999.9\u00a0B/s'],
    [999.96, '1.0\u00a0kB/s'],
    [1_234_567, '1.2\u00a0MB/s'],
    [null, '–'],
  ])('reads %s as %s', (rate, expected) => expect(text(byteRate(rate))).toBe(expected))

  test('never needs more than four digits below a petabyte', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 9e14, noNaN: true }), rate => {
        expect(byteRate(rate).digits.length).toBeLessThanOrEqual(5)
      }),
    )
  })
})

test('amount() groups thousands', () => {
  expect(text(amount(1204, 'connections'))).toBe('1,204\u00a0connections')
  expect(text(amount(999, ''))).toBe('999')
})

test('duration() names one or two units', () => {
  expect(
    [0, 4_900, 60_000, 125_000, 3_600_000, 12_000_000, 90_000_000].map(durationMs => duration(durationMs)),
  ).toEqual(['0 s', '4 s', '1 min', '2 min 5 s', '1 h', '3 h 20 min', '1 d 1 h'])
})

test('byteSize() reads in the largest binary unit that leaves a digit before the point', () => {
  const sizes = [0, 1_536, 1_023.96 * 1_024, 64 * 1_024 ** 2, 3.5 * 1_024 ** 3, 5_000 * 1_024 ** 4]
  const read = sizes.map(bytes => text(byteSize(bytes)).replace('\u00a0', ' '))
  expect(read).toEqual(['0.0 KiB', '1.5 KiB', '1.0 MiB', '64.0 MiB', '3.5 GiB', '5000.0 TiB'])
  expect(text(byteSize(null))).toBe('–')
})
