/** The windows a view can look back over. */
export const windows = ['1m', '5m', '10m', '30m', '1h'] as const
export type Window = (typeof windows)[number]

export const defaultWindow: Window = '1m'

/** The window an address names; the default one for anything else. */
export function parseWindow(text: string | null): Window {
  return windows.find(window => window === text) ?? defaultWindow
}

/** In words: `10 min`. */
export const windowWords: Readonly<Record<Window, string>> = {
  '1m': '1 min',
  '5m': '5 min',
  '10m': '10 min',
  '30m': '30 min',
  '1h': '1 h',
}

/** What a small line beside a number shows: the window, but never less than five minutes. */
export interface Trend {
  readonly window: Window
  /** After this long the line has a new point to show. */
  readonly freshEveryMs: number
}

/** The trend that goes with a window. The server cuts it into about sixty steps. */
export function trendOf(window: Window): Trend {
  switch (window) {
    case '1m':
    case '5m':
      return { window: '5m', freshEveryMs: 5_000 }
    case '10m':
      return { window, freshEveryMs: 10_000 }
    case '30m':
      return { window, freshEveryMs: 30_000 }
    case '1h':
      return { window, freshEveryMs: 60_000 }
  }
}
