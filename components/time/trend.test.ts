import { expect, test } from 'vitest'
import { trendOf } from './trend.ts'

test('trendOf() shows five minutes at least, and asks again when there is a new point', () => {
  expect(trendOf({ kind: 'window', window: '1m' })).toEqual({
    params: { window: '5m' },
    freshEveryMs: 5_000,
    words: '5 min',
  })
  expect(trendOf({ kind: 'window', window: '30m' })).toMatchObject({ freshEveryMs: 30_000, words: '30 min' })
  expect(trendOf({ kind: 'window', window: '7d' }).freshEveryMs).toBe(60_000)
})

test('trendOf() never asks again for a range', () => {
  expect(trendOf({ kind: 'range', startMs: 0, endMs: 60_000 })).toEqual({
    params: { start: '1970-01-01T00:00:00Z', end: '1970-01-01T00:01:00Z' },
    freshEveryMs: Infinity,
    words: '1 min',
  })
})
