import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localFieldText } from './local-time.ts'
import { parseTimeText } from './parse-time-text.ts'

const now = new Date(2026, 10, 22, 14, 30, 10)
const nowMs = now.getTime()
const local = (...parts: [number, number, number, number, number, number]) => new Date(...parts).getTime()

test('parseTimeText() reads what people write', () => {
  expect(parseTimeText('now', nowMs)).toBe(nowMs)
  expect(parseTimeText('15m ago', nowMs)).toBe(nowMs - 900_000)
  expect(parseTimeText('-1h30m', nowMs)).toBe(nowMs - 5_400_000)
  expect(parseTimeText(' 14:05 ', nowMs)).toBe(local(2026, 10, 22, 14, 5, 0))
  expect(parseTimeText('9:05:07', nowMs)).toBe(local(2026, 10, 22, 9, 5, 7))
  expect(parseTimeText('2026-11-21', nowMs)).toBe(local(2026, 10, 21, 0, 0, 0))
  expect(parseTimeText('2026-11-21 23:59', nowMs)).toBe(local(2026, 10, 21, 23, 59, 0))
  expect(parseTimeText('2026-11-22T12:00:00Z', nowMs)).toBe(Date.parse('2026-11-22T12:00:00Z'))
  expect(parseTimeText('2026-11-22T12:00:00+01:00', nowMs)).toBe(Date.parse('2026-11-22T11:00:00Z'))
  expect(parseTimeText('1795348800', nowMs)).toBe(1_795_348_800_000)
})

test('parseTimeText() takes a time of day that is still to come for that of the day before', () => {
  expect(parseTimeText('14:31', nowMs)).toBe(local(2026, 10, 21, 14, 31, 0))
})

test('parseTimeText() refuses what is no time', () => {
  for (const text of [
    '',
    'soon',
    '25:00',
    '14:61',
    '2026-02-30',
    '2026-13-01',
    '12',
    '2026-11-22 14',
    '5 parsecs ago',
  ]) {
    expect(parseTimeText(text, nowMs), text).toBeUndefined()
  }
})

test('parseTimeText() reads back what the fields show', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), second => {
      const ms = second * 1_000
      // In the hour that is there twice when clocks go back, the text alone cannot tell which one is meant.
      expect(localFieldText(parseTimeText(localFieldText(ms), nowMs) ?? 0)).toBe(localFieldText(ms))
    }),
  )
})
