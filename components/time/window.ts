import { formatDuration, parseDurationMs } from '#lib/metrics/duration.ts'
import { duration } from '#lib/metrics/format.ts'

/** The windows at hand; an address may name any other length. */
export const windows = ['1m', '5m', '10m', '30m', '1h'] as const

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
