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
