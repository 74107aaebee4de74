import { formatDuration, parseDurationMs } from './duration.ts'
import { parseInstantMs } from './instant.ts'

/** How a question names its time; all absent: the default window. */
export interface TimeParams {
  readonly window?: string | undefined
  readonly start?: string | undefined
  readonly end?: string | undefined
}

/** A live window that ends now, or a range that stays where it is. */
type TimeRange =
  | { readonly kind: 'window'; readonly lengthMs: number }
  | { readonly kind: 'absolute'; readonly startMs: number; readonly endMs: number }

interface TimeProblem {
  readonly code:
    | 'WINDOW_INVALID'
    | 'WINDOW_TOO_SHORT'
    | 'WINDOW_TOO_LONG'
    | 'RANGE_INCOMPLETE'
    | 'RANGE_INVALID'
    | 'RANGE_EMPTY'
    | 'RANGE_AND_WINDOW'
  readonly message: string
  readonly hint: string
}

export type ParsedTimeRange =
  | { readonly ok: true; readonly range: TimeRange }
  | { readonly ok: false; readonly problem: TimeProblem }

export interface TimeLimits {
  /** Two scrape intervals: less than that cannot be told. */
  readonly minimumMs: number
  readonly maximumMs: number
  readonly defaultMs: number
}

/** What the public API allows, for a store with this shortest window. The default window is a minute, or that if it is longer. */
export function timeLimits(minimumMs: number): TimeLimits {
  return { minimumMs, maximumMs: 14 * 86_400_000, defaultMs: Math.max(60_000, minimumMs) }
}

/** The range that `window`, or `start` and `end`, name; a problem when they name none. */
export function parseTimeRange(params: TimeParams, limits: TimeLimits): ParsedTimeRange {
  const { window, start, end } = params
  if (start === undefined && end === undefined) return parseWindow(window, limits)
  if (window !== undefined) {
    return problem(
      'RANGE_AND_WINDOW',
      `Cannot read the time: got both window=${window} and a start or an end`,
      'Give window=1m, or start= and end=, not both',
    )
  }
  if (start === undefined || end === undefined) {
    const missing = start === undefined ? 'start' : 'end'
    return problem('RANGE_INCOMPLETE', `Cannot read the range: ${missing} is missing`, instantHint)
  }
  return parseAbsolute(start, end, limits)
}

const instantHint = 'Give both start= and end=, each as RFC 3339 (2026-03-01T10:00:00Z) or Unix seconds'

function parseWindow(window: string | undefined, limits: TimeLimits): ParsedTimeRange {
  const lengthMs = window === undefined ? limits.defaultMs : parseDurationMs(window)
  if (lengthMs === undefined) {
    return problem(
      'WINDOW_INVALID',
      `Cannot read window: expected a duration, got ${quote(window ?? '')}`,
      `Give a whole number and a unit, from ${formatDuration(limits.minimumMs)} to ${formatDuration(limits.maximumMs)}, e.g. window=1m`,
    )
  }
  return checkLength(lengthMs, limits) ?? { ok: true, range: { kind: 'window', lengthMs } }
}

function parseAbsolute(start: string, end: string, limits: TimeLimits): ParsedTimeRange {
  const startMs = parseInstantMs(start)
  const endMs = parseInstantMs(end)
  if (startMs === undefined || endMs === undefined) {
    const [name, text] = startMs === undefined ? ['start', start] : ['end', end]
    return problem(
      'RANGE_INVALID',
      `Cannot read ${name}: expected an instant, got ${quote(text)}`,
      instantHint,
    )
  }
  if (endMs <= startMs) {
    return problem(
      'RANGE_EMPTY',
      `Cannot use the range: end ${quote(end)} is not after start ${quote(start)}`,
      'Give an end later than the start',
    )
  }
  return checkLength(endMs - startMs, limits) ?? { ok: true, range: { kind: 'absolute', startMs, endMs } }
}

function checkLength(lengthMs: number, limits: TimeLimits): ParsedTimeRange | undefined {
  if (lengthMs < limits.minimumMs) {
    return problem(
      'WINDOW_TOO_SHORT',
      `Cannot answer for ${formatDuration(lengthMs)}: the minimum is ${formatDuration(limits.minimumMs)}, two scrape intervals`,
      `Ask for ${formatDuration(limits.minimumMs)} or more`,
    )
  }
  if (lengthMs > limits.maximumMs) {
    return problem(
      'WINDOW_TOO_LONG',
      `Cannot answer for ${formatDuration(lengthMs)}: the maximum is ${formatDuration(limits.maximumMs)}`,
      `Ask for ${formatDuration(limits.maximumMs)} or less`,
    )
  }
  return undefined
}

function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function problem(code: TimeProblem['code'], message: string, hint: string): ParsedTimeRange {
  return { ok: false, problem: { code, message, hint } }
}
