import { defaultWindow, parseWindow, type Window, windowWords } from './window.ts'

/** What time a page shows: a window that ends now and moves on, or a range that stays. */
export type TimeChoice =
  | { readonly kind: 'window'; readonly window: Window }
  | { readonly kind: 'range'; readonly startMs: number; readonly endMs: number }

/** The choice in an address: `?window=5m`, or `?start=…&end=…` as RFC 3339 or Unix seconds; the default window otherwise. */
export function readTimeChoice(search: Pick<URLSearchParams, 'get'>): TimeChoice {
  const startMs = instantMs(search.get('start'))
  const endMs = instantMs(search.get('end'))
  if (startMs !== null && endMs !== null && startMs < endMs) return { kind: 'range', startMs, endMs }
  return { kind: 'window', window: parseWindow(search.get('window')) }
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
  if (choice.kind === 'window') return windowWords[choice.window]
  const seconds = Math.round((choice.endMs - choice.startMs) / 1_000)
  if (seconds < 60) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return `${Math.round(seconds / 3_600)} h`
}

function isoText(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

function instantMs(text: string | null): number | null {
  if (text === null || text === '') return null
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : Date.parse(text)
  return Number.isFinite(ms) ? ms : null
}
