import type { Span } from '#lib/api/common.ts'

/** A stretch of a course of which there are no numbers, and why. */
export interface CourseBlank {
  readonly startMs: number
  readonly endMs: number
  readonly reason: string
}

/** Where a span has no numbers because no server ran, or none had ever run; oldest first. */
export function courseBlanks({ start, end, oldest, gaps = [] }: Span): CourseBlank[] {
  const [startMs, endMs] = [Date.parse(start), Date.parse(end)]
  const oldestMs = oldest === undefined ? startMs : Math.min(Date.parse(oldest), endMs)
  const before = { startMs, endMs: oldestMs, reason: 'Before the first scrape' }
  const within = gaps.map(gap => ({
    startMs: Math.max(Date.parse(gap.start), startMs),
    endMs: Math.min(Date.parse(gap.end), endMs),
    reason: 'No server ran: what was counted meanwhile stands at the end',
  }))
  return [before, ...within].filter(blank => blank.endMs > blank.startMs)
}

/** Why there is no number at an instant, as far as the blanks tell. */
export function blankAt(blanks: readonly CourseBlank[], atMs: number): CourseBlank | undefined {
  return blanks.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
}
