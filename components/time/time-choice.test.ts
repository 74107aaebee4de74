import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  newestWindow,
  readTimeChoice,
  shiftTime,
  timeFlag,
  timeParams,
  timeProblem,
  timeSearch,
  timeWords,
} from './time-choice.ts'
import { defaultWindow, longWindowsWithin, parseWindow, windowOf } from './window.ts'

const search = (text: string) => new URLSearchParams(text)
const noonMs = Date.parse('2026-11-22T12:00:00Z')

describe('readTimeChoice()', () => {
  test('reads windows of any length, and ranges in RFC 3339 or Unix seconds', () => {
    expect(readTimeChoice(search('window=5m'))).toEqual({ kind: 'window', window: '5m' })
    expect(readTimeChoice(search('window=90s'))).toEqual({ kind: 'window', window: '1m30s' })
    const range = { kind: 'range', startMs: noonMs, endMs: noonMs + 60_000 }
    expect(readTimeChoice(search('start=2026-11-22T12:00:00Z&end=2026-11-22T12:01:00Z'))).toEqual(range)
    expect(readTimeChoice(search(`start=${noonMs / 1000}&end=${noonMs / 1000 + 60}`))).toEqual(range)
  })

  test('falls back to the default window, and timeProblem() says why', () => {
    for (const [text, why] of [
      ['window=1s', 'no length of 10 s to 14 days'],
      ['window=soon', 'no length of 10 s to 14 days'],
      ['start=2026-11-22T12:00:00Z', 'a start but no end'],
      ['end=1', 'an end but no start'],
      ['start=noon&end=1', 'no time in start=noon'],
      ['start=5&end=4', 'not after the start'],
    ] as const) {
      expect(readTimeChoice(search(text))).toEqual({ kind: 'window', window: defaultWindow })
      expect(timeProblem(search(text))).toContain(why)
    }
    expect(timeProblem(search(''))).toBeNull()
    expect(timeProblem(search('window=5m'))).toBeNull()
  })

  test('reads back whatever timeSearch() writes', () => {
    const second = fc.integer({ min: 0, max: 4_000_000_000 })
    fc.assert(
      fc.property(second, fc.integer({ min: 1, max: 1_000_000 }), (start, length) => {
        const range = { kind: 'range', startMs: start * 1_000, endMs: (start + length) * 1_000 } as const
        expect(readTimeChoice(new URLSearchParams(timeSearch(range)))).toEqual(range)
      }),
    )
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 14 * 86_400 }), seconds => {
        const choice = { kind: 'window', window: windowOf(seconds * 1_000) ?? defaultWindow } as const
        expect(readTimeChoice(new URLSearchParams(timeSearch(choice)))).toEqual(choice)
      }),
    )
  })
})

test('timeFlag(), timeParams() and timeWords() say the same time', () => {
  const range = { kind: 'range', startMs: noonMs, endMs: noonMs + 90_000 } as const
  expect(timeFlag(range)).toBe(' --start 2026-11-22T12:00:00Z --end 2026-11-22T12:01:30Z')
  expect(timeParams(range)).toEqual({ start: '2026-11-22T12:00:00Z', end: '2026-11-22T12:01:30Z' })
  expect(timeWords(range)).toBe('1 min 30 s')
  expect(timeFlag({ kind: 'window', window: defaultWindow })).toBe('')
  expect(timeFlag({ kind: 'window', window: '5m' })).toBe(' -t 5m')
})

test('shiftTime() goes by the length of the range, from a window that ended now, and back', () => {
  const before = shiftTime({ kind: 'window', window: '5m' }, -1, noonMs + 400)
  expect(before).toEqual({ kind: 'range', startMs: noonMs - 600_000, endMs: noonMs - 300_000 })
  expect(shiftTime(shiftTime(before, -1, noonMs), 1, noonMs)).toEqual(before)
})

test('windowOf() takes 10 s to 14 days', () => {
  expect(windowOf(9_999)).toBeUndefined()
  expect(windowOf(10_000)).toBe('10s')
  expect(windowOf(14 * 86_400_000)).toBe('14d')
  expect(windowOf(14 * 86_400_000 + 1)).toBeUndefined()
  expect(windowOf(Number.NaN)).toBeUndefined()
  expect(parseWindow(null)).toBe(defaultWindow)
})

test('newestWindow() is the window itself up to an hour, and the default one beside longer ones and ranges', () => {
  expect(newestWindow({ kind: 'window', window: '1h' })).toBe('1h')
  expect(newestWindow({ kind: 'window', window: '6h' })).toBe(defaultWindow)
  expect(newestWindow({ kind: 'range', startMs: noonMs, endMs: noonMs + 60_000 })).toBe(defaultWindow)
})

test('longWindowsWithin() ends with the one that holds all there is', () => {
  const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000]
  expect(longWindowsWithin(59 * minuteMs)).toEqual([])
  expect(longWindowsWithin(61 * minuteMs)).toEqual(['3h'])
  expect(longWindowsWithin(7 * hourMs)).toEqual(['3h', '6h', '12h'])
  expect(longWindowsWithin(20 * dayMs).at(-1)).toBe('14d')
})
