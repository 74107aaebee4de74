import { type TimeChoice, timeParams, timeWords } from './time-choice.ts'
import { windowMs } from './window.ts'

/** What a small line beside a number shows: the chosen time, but never less than the last five minutes. */
export interface Trend {
  readonly params: Readonly<Record<string, string>>
  /** After this long the line has a new point to show; `Infinity`: never. */
  readonly freshEveryMs: number
  readonly words: string
}

const shortest = { kind: 'window', window: '5m' } as const
/** About as many steps as the server cuts a range into. */
const stepCount = 60

/** The trend that goes with a time. */
export function trendOf(choice: TimeChoice): Trend {
  if (choice.kind === 'range') {
    return { params: timeParams(choice), freshEveryMs: Infinity, words: timeWords(choice) }
  }
  const shown = windowMs(choice.window) < windowMs(shortest.window) ? shortest : choice
  return {
    params: timeParams(shown),
    freshEveryMs: Math.min(Math.max(windowMs(shown.window) / stepCount, 5_000), 60_000),
    words: timeWords(shown),
  }
}
