import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDuration } from './duration.ts'
import { parseQuantity } from './quantity.ts'

test.each([
  ['5s', 5000],
  ['300ms', 300],
  ['1m30s', 90_000],
  ['1.5s', 1500],
  ['2h', 7_200_000],
  ['0', 0],
  ['1500us', 1.5],
])('parseDuration() reads %s', (text, ms) => {
  expect(parseDuration(text)).toBeCloseTo(ms, 9)
})

test.each(['', '5', 's', '-5s', '5 s', '5d', '1e3s', '5s!', '9'.repeat(80)])(
  'parseDuration() refuses %j',
  text => {
    expect(parseDuration(text)).toBeUndefined()
  },
)

test('parseDuration() never takes long or answers anything but a number of 0 or more', () => {
  fc.assert(fc.property(fc.string(), text => (parseDuration(text) ?? 0) >= 0))
})

test('parseQuantity() reads weights', () => {
  expect(['900m', '1', '0.5', '2k', '0'].map(parseQuantity)).toEqual([0.9, 1, 0.5, 2000, 0])
  expect(['', '-1', '1e3', '5%', 'm', '1 m'].map(parseQuantity)).toEqual(Array(6).fill(undefined))
})
