import type { Span } from '#lib/api/common.ts'
import type { TimeQuery } from '#lib/api/time-query.ts'
import { parseTimeRange, timeLimits } from '#lib/metrics/time-range.ts'
import type { Answer, Range, ReadableStore } from '#server/store/store.ts'
import type { Ground } from './ground.ts'
import { QuestionError } from './question-error.ts'

export interface ResolvedRange {
  readonly range: Range
  /** It ends now: what a proxy's state is at this moment matters. */
  readonly live: boolean
  /** Where the numbers begin, when part of what was asked lies before that; `null` when none does. */
  readonly note: string | null
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
    const askedMs = endMs - parsed.range.lengthMs
    const startMs = Math.max(askedMs, Math.min(kept.startMs, endMs - store.minimumWindowMs))
    // A window of all that is kept begins some scrapes too early, because it ends as many before now.
    return {
      range: { startMs, endMs },
      live: true,
      note: told(
        store.problem,
        unheardNote(store, startMs) ?? (startMs - askedMs < minuteMs ? null : cutNote(startMs)),
        lostNote(store, startMs),
        gapNote(store, { startMs, endMs }),
      ),
    }
  }
  const { startMs, endMs } = parsed.range
  if (endMs <= kept.startMs) {
    throw new QuestionError(
      'RANGE_NOT_KEPT',
      `Cannot answer for a range that ended ${instant(endMs)}: the oldest numbers kept are of ${instant(kept.startMs)}`,
      `Ask for a range after ${instant(kept.startMs)}`,
    )
  }
  const keptStartMs = Math.max(startMs, kept.startMs)
  return {
    range: { startMs: keptStartMs, endMs },
    live: false,
    note: told(
      store.problem,
      unheardNote(store, keptStartMs) ?? (keptStartMs > startMs ? cutNote(keptStartMs) : null),
      lostNote(store, keptStartMs),
      gapNote(store, { startMs: keptStartMs, endMs }),
    ),
  }
}

const minuteMs = 60_000

/** Said to the minute, so that a live answer does not say another thing each round. */
function cutNote(startMs: number): string {
  const since = instant(Math.ceil(startMs / minuteMs) * minuteMs)
  return `Older numbers than those in this answer are not kept: there is data from ${since} on`
}

/** After a start, there is nothing to tell of the time before. */
function unheardNote({ heardSinceMs, minimumWindowMs }: ReadableStore, startMs: number): string | null {
  if (heardSinceMs === null || heardSinceMs - startMs < minimumWindowMs) return null
  return `What was before ${toTheSecond(heardSinceMs)} is not known: no proxy was scraped before`
}

/** Said to the minute, too: where memory is full, cells leave again and again. */
function lostNote({ lostBeforeMs }: ReadableStore, startMs: number): string | null {
  if (lostBeforeMs === null || startMs >= lostBeforeMs) return null
  const before = instant(Math.ceil(lostBeforeMs / minuteMs) * minuteMs)
  return `Memory was full: what was idle longest may lack its numbers of before ${before}`
}

/** What was counted while no server ran stands where it ended: there, counts are of more than their slot. */
function gapNote({ gaps, minimumWindowMs }: ReadableStore, { startMs, endMs }: Range): string | null {
  const within = gaps.filter(gap => gap.endMs >= startMs && gap.endMs < endMs)
  const gap = within.findLast(each => each.endMs - each.startMs >= minimumWindowMs)
  if (gap === undefined) return null
  const times = within.length === 2 ? 'once' : `${within.length - 1} times`
  const others = within.length === 1 ? '' : `, and ${times} before,`
  return `From ${toTheSecond(gap.startMs)} to ${toTheSecond(gap.endMs)}${others} no server ran: what proxies counted meanwhile stands at its end`
}

function told(...notes: readonly (string | null)[]): string | null {
  return noteOf(...notes).note ?? null
}

/** An instant without its fraction of a second. */
export function toTheSecond(atMs: number): string {
  return instant(Math.floor(atMs / 1_000) * 1_000)
}

/** The part of an answer that says in words what its numbers leave out. */
export function noteOf(...notes: readonly (string | null)[]): { note?: string } {
  const given = notes.filter(note => note !== null)
  return given.length === 0 ? {} : { note: given.join('. ') }
}

const maxGaps = 100

/** The span of an answer, as the API prints it. */
export function spanOf(
  { store: { gaps, heardSinceMs } }: Ground,
  { range, stepSeconds }: Pick<Answer, 'range' | 'stepSeconds'>,
): Span {
  const within = gaps
    .filter(({ startMs, endMs }) => startMs < range.endMs && endMs > range.startMs)
    .map(({ startMs, endMs }) => ({ start: instant(startMs), end: instant(endMs) }))
  return {
    start: instant(range.startMs),
    end: instant(range.endMs),
    stepSeconds,
    ...(heardSinceMs === null ? {} : { oldest: toTheSecond(heardSinceMs) }),
    ...(within.length === 0 ? {} : { gaps: within.slice(-maxGaps) }),
  }
}

export function instant(atMs: number): string {
  return new Date(atMs).toISOString()
}
