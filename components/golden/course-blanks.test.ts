import { expect, test } from 'vitest'
import { blankAt, courseBlanks } from './course-blanks.ts'

const at = (minute: number) => `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`
const atMs = (minute: number) => Date.parse(at(minute))

test('courseBlanks() are the gaps of a span, cut to it, and the time before the first scrape', () => {
  const span = { start: at(10), end: at(40), stepSeconds: 30 }
  expect(courseBlanks(span)).toEqual([])
  expect(courseBlanks({ ...span, oldest: at(5) })).toEqual([])
  const blanks = courseBlanks({
    ...span,
    oldest: at(12),
    gaps: [
      { start: at(20), end: at(25) },
      { start: at(38), end: at(45) },
    ],
  })
  expect(blanks.map(({ startMs, endMs }) => [startMs, endMs])).toEqual([
    [atMs(10), atMs(12)],
    [atMs(20), atMs(25)],
    [atMs(38), atMs(40)],
  ])
  expect(courseBlanks({ ...span, oldest: at(50) })).toHaveLength(1)
  expect(blankAt(blanks, atMs(20))?.reason).toMatch(/^No server ran/)
  expect(blankAt(blanks, atMs(25))).toBeUndefined()
})
