import type { Span } from '#lib/api/common.ts'
import type { TimeQuery } from '#lib/api/time-query.ts'
import { parseTimeRange, timeLimits } from '#lib/metrics/time-range.ts'
import type { Answer, Range } from '#server/store/store.ts'
import type { Ground } from './ground.ts'
import { QuestionError } from './question-error.ts'

export interface ResolvedRange {
  readonly range: Range
  /** It ends now: what a proxy's state is at this moment matters. */
  readonly live: boolean
}

/**
 * The range a question is about: a window ends where the last slot does that every answering proxy has reached. What
 * lies before the oldest numbers kept is cut off. Throws a QuestionError for a time that cannot be read or answered.
 */
export function resolveRange({ store, nowMs }: Ground, query: TimeQuery): ResolvedRange {
  const parsed = parseTimeRange(query, timeLimits(store.minimumWindowMs))
  if (!parsed.ok) throw new QuestionError(parsed.problem.code, parsed.problem.message, parsed.problem.hint)
  const now = nowMs()
  const kept = store.retained(now)
  if (parsed.range.kind === 'window') {
    const endMs = store.lastCompleteSlotEndMs(now) ?? now
    const startMs = Math.max(
      endMs - parsed.range.lengthMs,
      Math.min(kept.startMs, endMs - store.minimumWindowMs),
    )
    return { range: { startMs, endMs }, live: true }
  }
  const { startMs, endMs } = parsed.range
  if (endMs <= kept.startMs) {
    throw new QuestionError(
      'RANGE_NOT_KEPT',
      `Cannot answer for a range that ended ${instant(endMs)}: the oldest numbers kept are of ${instant(kept.startMs)}`,
      `Ask for a range after ${instant(kept.startMs)}`,
    )
  }
  return { range: { startMs: Math.max(startMs, kept.startMs), endMs }, live: false }
}

/** The span of an answer, as the API prints it. */
export function spanOf({ range, stepSeconds }: Pick<Answer, 'range' | 'stepSeconds'>): Span {
  return { start: instant(range.startMs), end: instant(range.endMs), stepSeconds }
}

export function instant(atMs: number): string {
  return new Date(atMs).toISOString()
}
