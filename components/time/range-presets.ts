import type { TimeChoice } from './time-choice.ts'

/** A range that people often ask for. */
export interface RangePreset {
  readonly words: string
  readonly range: TimeChoice
}

/**
 * The ranges at hand at a moment, in the browser's zone. Those that would be shorter than a minute, or end before the
 * first numbers, are left out.
 */
export function rangePresets(nowMs: number, oldestMs = Number.NEGATIVE_INFINITY): readonly RangePreset[] {
  const now = new Date(nowMs)
  const hourMs = new Date(nowMs).setMinutes(0, 0, 0)
  const dayMs = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime()
  const dayBeforeMs = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1).getTime()
  const endMs = Math.floor(nowMs / 1_000) * 1_000
  const presets: readonly (readonly [string, number, number])[] = [
    ['This hour', hourMs, endMs],
    ['The hour before', hourMs - 3_600_000, hourMs],
    ['Today', dayMs, endMs],
    ['Yesterday', dayBeforeMs, dayMs],
  ]
  return presets
    .filter(([, start, end]) => end - start >= 60_000 && end > oldestMs)
    .map(([words, start, end]) => ({ words, range: { kind: 'range', startMs: start, endMs: end } }))
}
