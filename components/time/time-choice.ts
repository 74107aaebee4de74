import { parseDurationMs } from '#lib/metrics/duration.ts'
import { duration } from '#lib/metrics/format.ts'
import { parseInstantMs } from '#lib/metrics/instant.ts'
import { paceMs } from '#lib/metrics/pace.ts'
import { defaultWindow, parseWindow, type Window, windowMs, windowOf, windowWords } from './window.ts'

/** What time a page shows: a window that ends now and moves on, or a range that stays. */
export type TimeChoice =
  | { readonly kind: 'window'; readonly window: Window }
  | { readonly kind: 'range'; readonly startMs: number; readonly endMs: number }

/** The choice in an address: `?window=5m`, or `?start=…&end=…` as RFC 3339 or Unix seconds; the default window otherwise. */
export function readTimeChoice(search: Pick<URLSearchParams, 'get'>): TimeChoice {
  const startMs = parseInstantMs(search.get('start') ?? '')
  const endMs = parseInstantMs(search.get('end') ?? '')
  if (startMs !== undefined && endMs !== undefined && startMs < endMs)
    return { kind: 'range', startMs, endMs }
  return { kind: 'window', window: parseWindow(search.get('window')) }
}

/** What is wrong with the time in an address, so that another one is shown; `null` when nothing is. */
export function timeProblem(search: Pick<URLSearchParams, 'get'>): string | null {
  const [window, start, end] = [search.get('window'), search.get('start'), search.get('end')]
  if (start !== null || end !== null) {
    if (start === null || end === null)
      return `The address has ${start === null ? 'an end' : 'a start'} but no ${start === null ? 'start' : 'end'}`
    const [startMs, endMs] = [parseInstantMs(start), parseInstantMs(end)]
    if (startMs === undefined) return `The address has no time in start=${start}`
    if (endMs === undefined) return `The address has no time in end=${end}`
    return startMs < endMs ? null : 'In the address the end is not after the start'
  }
  if (window === null || windowOf(parseDurationMs(window) ?? 0) !== undefined) return null
  return `The address has no length of 10 s to 14 days in window=${window}`
}

/** The parameters that ask the API for this time. */
export function timeParams(choice: TimeChoice): Readonly<Record<string, string>> {
  return choice.kind === 'window'
    ? { window: choice.window }
    : { start: isoText(choice.startMs), end: isoText(choice.endMs) }
}

/** The parameters that an address says it with: none for the default window. */
export function timeSearch(choice: TimeChoice): Readonly<Record<string, string>> {
  return choice.kind === 'window' && choice.window === defaultWindow ? {} : timeParams(choice)
}

/** The flag that asks the command line for this time, with a blank before it; empty for the default window. */
export function timeFlag(choice: TimeChoice): string {
  if (choice.kind === 'range') return ` --start ${isoText(choice.startMs)} --end ${isoText(choice.endMs)}`
  return choice.window === defaultWindow ? '' : ` -t ${choice.window}`
}

/** The window in words (`5 min`); of a range its length. */
export function timeWords(choice: TimeChoice): string {
  return choice.kind === 'window' ? windowWords(choice.window) : duration(choice.endMs - choice.startMs)
}

/**
 * The window that tells of now beside this choice: itself, or the default one where it is a range, or so long that its
 * answers are not made anew with each scrape.
 */
export function newestWindow(choice: TimeChoice): Window {
  return choice.kind === 'window' && paceMs(windowMs(choice.window)) === 0 ? choice.window : defaultWindow
}

/** The range as long as the choice that lies before it (`-1`) or after it (`1`); a window is taken to end at `nowMs`. */
export function shiftTime(choice: TimeChoice, direction: -1 | 1, nowMs: number): TimeChoice {
  const { startMs, endMs } = choice.kind === 'range' ? choice : rangeOf(choice.window, nowMs)
  const byMs = direction * (endMs - startMs)
  return { kind: 'range', startMs: startMs + byMs, endMs: endMs + byMs }
}

function rangeOf(window: Window, nowMs: number): { readonly startMs: number; readonly endMs: number } {
  const endMs = Math.floor(nowMs / 1_000) * 1_000
  return { startMs: endMs - windowMs(window), endMs }
}

function isoText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}
