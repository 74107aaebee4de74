import { expect, test } from 'vitest'
import { localNote, localRangeText, localTimeText } from './local-time.ts'
import { rangePresets } from './range-presets.ts'

const at = (...parts: [number, number, number, number, number, number]) => new Date(...parts).getTime()
const nowMs = at(2026, 10, 22, 14, 30, 10)

test('localTimeText() says the day and the year only where they are not those of now', () => {
  expect(localTimeText(at(2026, 10, 22, 4, 5, 6), nowMs)).toBe('04:05:06')
  expect(localTimeText(at(2026, 10, 21, 4, 5, 6), nowMs)).toBe('21 Nov 04:05:06')
  expect(localTimeText(at(2025, 0, 1, 0, 0, 0), nowMs)).toBe('1 Jan 2025 00:00:00')
})

test('localRangeText() says a day once', () => {
  const start = at(2026, 10, 21, 23, 0, 0)
  expect(localRangeText(start, at(2026, 10, 21, 23, 5, 0), nowMs)).toBe('21 Nov 23:00:00 – 23:05:00')
  expect(localRangeText(start, at(2026, 10, 22, 1, 0, 0), nowMs)).toBe('21 Nov 23:00:00 – 01:00:00')
  expect(localRangeText(start, at(2026, 10, 22, 1, 0, 0), nowMs + 86_400_000)).toBe(
    '21 Nov 23:00:00 – 22 Nov 01:00:00',
  )
})

test('rangePresets() end after they start, and leave out what has only just begun, or is not known', () => {
  const words = (ms: number) => rangePresets(ms).map(preset => preset.words)
  expect(words(nowMs)).toEqual(['This hour', 'The hour before', 'Today', 'Yesterday'])
  const since = (oldestMs: number) => rangePresets(nowMs, oldestMs).map(preset => preset.words)
  expect(since(at(2026, 10, 22, 14, 10, 0))).toEqual(['This hour', 'Today'])
  expect(since(at(2026, 10, 21, 23, 59, 0))).toContain('Yesterday')
  expect(words(at(2026, 10, 22, 14, 0, 5))).toEqual(['The hour before', 'Today', 'Yesterday'])
})

test('localNote() says the instants of a note in the zone of who reads it', () => {
  const since = new Date(at(2026, 10, 22, 4, 5, 6)).toISOString()
  expect(localNote(`What was before ${since} is not known`, nowMs)).toBe(
    'What was before 04:05:06 is not known',
  )
  expect(localNote('Nothing of 2026 here', nowMs)).toBe('Nothing of 2026 here')
})
