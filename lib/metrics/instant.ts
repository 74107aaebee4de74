const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(?:([Zz])|([+-])(\d{2}):(\d{2}))$/
const unixSeconds = /^\d{1,11}(\.\d{1,9})?$/

/** Unix milliseconds of an RFC 3339 instant or of Unix seconds; `undefined` for anything else. */
export function parseInstantMs(text: string): number | undefined {
  if (unixSeconds.test(text)) return Math.round(Number(text) * 1_000)
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined
  // A leap second (60) is allowed by RFC 3339; it is the first of the next minute here.
  if (hour > 23 || minute > 59 || second > 60) return undefined
  const offsetHours = Number(match[10] ?? 0)
  const offsetMinutes = Number(match[11] ?? 0)
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const offset = (match[9] === '-' ? -1 : 1) * (offsetHours * 60 + offsetMinutes)
  const minutes = daysSinceEpoch(year, month, day) * 1_440 + hour * 60 + minute - offset
  return minutes * 60_000 + second * 1_000 + Math.round(Number(match[7] ?? 0) * 1_000)
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const daysBeforeMonth = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

function daysSinceEpoch(year: number, month: number, day: number): number {
  const past = year - 1
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  const thisLeapDay = month > 2 && isLeap(year) ? 1 : 0
  return past * 365 + leapDays + daysBeforeMonth[month - 1]! + thisLeapDay + day - 1 - 719_162
}
