import { formatDuration, parseDurationMs } from '#lib/metrics/duration.ts'
import { duration } from '#lib/metrics/format.ts'

/** The windows at hand; an address may name any other length. */
export const windows = ['1m', '5m', '10m', '30m', '1h'] as const

/** Longer ones, for as far back as there are numbers. */
const longWindows = ['3h', '6h', '12h', '1d', '3d', '7d', '14d'] as const

/** How far a view looks back, as the API spells it: `5m`, `1h30m`. */
export type Window = `${number}${string}`

export const defaultWindow: Window = '1m'
export const shortestWindowMs = 10_000
export const longestWindowMs = 14 * 86_400_000

/** The window that is so long; `undefined` below 10 s and above 14 days. */
export function windowOf(lengthMs: number): Window | undefined {
  if (!(lengthMs >= shortestWindowMs && lengthMs <= longestWindowMs)) return undefined
  return formatDuration(Math.round(lengthMs / 1_000) * 1_000) as Window
}

/** The windows beyond those at hand that hold more than the next shorter one, when numbers begin so long ago. */
export function longWindowsWithin(ageMs: number): readonly Window[] {
  return longWindows.filter((_, i) => windowMs(longWindows[i - 1] ?? windows[windows.length - 1]!) < ageMs)
}

/** The window an address names; the default one for anything else. */
export function parseWindow(text: string | null): Window {
  return windowOf(parseDurationMs(text ?? '') ?? 0) ?? defaultWindow
}

/** Its length. */
export function windowMs(window: Window): number {
  return parseDurationMs(window) ?? 0
}

/** In words: `10 min`. */
export function windowWords(window: Window): string {
  return duration(windowMs(window))
}
