import { parseDurationMs } from '#lib/metrics/duration.ts'
import { parseInstantMs } from '#lib/metrics/instant.ts'

const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/
const dayAndClock = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?$/
const ago = /^-?\s*([\dsmhdw]+)(?:\s+ago)?$/

/**
 * The Unix milliseconds that a person means: `now`, `15m ago`, `14:05` (the last time it was that late),
 * `2026-11-22 14:05:30` in the browser's zone, an RFC 3339 time or Unix seconds. `undefined` for anything else.
 */
export function parseTimeText(text: string, nowMs: number): number | undefined {
  const words = text.trim()
  if (words === 'now') return nowMs
  const instantMs =
    /^\d{9,}/.test(words) || /[Zz]$|[+-]\d{2}:\d{2}$/.test(words) ? parseInstantMs(words) : undefined
  if (instantMs !== undefined) return instantMs
  const backMs = parseDurationMs(ago.exec(words)?.[1] ?? '')
  if (backMs !== undefined) return nowMs - backMs
  const today = new Date(nowMs)
  const time = clock.exec(words)
  if (time !== null) {
    const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()]
    const todayMs = localMs([...day, ...numbers(time)])
    const dayBefore = [...day.slice(0, 2), today.getDate() - 1]
    return todayMs === undefined || todayMs <= nowMs
      ? todayMs
      : localMs([...dayBefore, ...numbers(time)], false)
  }
  const full = dayAndClock.exec(words)
  return full === null ? undefined : localMs(numbers(full))
}

function numbers(match: RegExpExecArray): number[] {
  return match.slice(1).map(digits => Number(digits ?? 0))
}

/** Of year, month, day, hour, minute, second; `undefined` for a day or an hour that there is not. */
function localMs(parts: readonly number[], isStrict = true): number | undefined {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(year, month - 1, day, hour, minute, second)
  if (isStrict && (date.getMonth() !== month - 1 || date.getDate() !== day)) return undefined
  return date.getTime()
}
