import { type TimeChoice, timeParams, timeWords } from './time-choice.ts'
import { type Window, windowWords } from './window.ts'

/** What a small line beside a number shows: the chosen time, but never less than the last five minutes. */
export interface Trend {
  readonly params: Readonly<Record<string, string>>
  /** After this long the line has a new point to show; `Infinity`: never. */
  readonly freshEveryMs: number
  readonly words: string
}

/** The trend that goes with a time. The server cuts it into about sixty steps. */
export function trendOf(choice: TimeChoice): Trend {
  if (choice.kind === 'range')
    return { params: timeParams(choice), freshEveryMs: Infinity, words: timeWords(choice) }
  const { window, freshEveryMs } = windowTrend(choice.window)
  return { params: { window }, freshEveryMs, words: windowWords[window] }
}

function windowTrend(window: Window): { readonly window: Window; readonly freshEveryMs: number } {
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
