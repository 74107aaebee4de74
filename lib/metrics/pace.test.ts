import { expect, test } from 'vitest'
import { paceMs } from './pace.ts'

test('paceMs() is a small part of a long window, a minute at most, and nothing up to an hour', () => {
  const [minuteMs, hourMs] = [60_000, 3_600_000]
  expect([minuteMs, hourMs, hourMs + 2 * minuteMs].map(paceMs)).toEqual([0, 0, 0])
  expect(paceMs(3 * hourMs)).toBe(30_000)
  expect([6 * hourMs, 14 * 24 * hourMs].map(paceMs)).toEqual([minuteMs, minuteMs])
})
