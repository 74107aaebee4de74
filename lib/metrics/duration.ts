const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}
const part = /(\d+)(ms|s|m|h|d|w)/y

/** Milliseconds of a duration like `10s`, `1m30s` or `14d`: whole numbers, each with a unit; `undefined` for anything else. */
export function parseDurationMs(text: string): number | undefined {
  let totalMs = 0
  part.lastIndex = 0
  let read = 0
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    totalMs += Number(match[1]) * unitsMs[match[2]!]!
    read = part.lastIndex
  }
  return read > 0 && read === text.length && Number.isSafeInteger(totalMs) ? totalMs : undefined
}

/** The shortest text that `parseDurationMs` reads back as the same: `90s` is `1m30s`, nothing is `0s`. */
export function formatDuration(durationMs: number): string {
  let rest = Math.round(durationMs)
  let text = ''
  for (const unit of ['d', 'h', 'm', 's', 'ms'] as const) {
    const count = Math.floor(rest / unitsMs[unit]!)
    if (count > 0) text += `${count}${unit}`
    rest -= count * unitsMs[unit]!
  }
  return text === '' ? '0s' : text
}
