const oneMinuteMs = 60_000
const oneDayMs = 24 * 60 * oneMinuteMs

/** How far the local clock is ahead of UTC at that moment. */
export function zoneAheadMs(atMs: number): number {
  return -new Date(atMs).getTimezoneOffset() * oneMinuteMs
}

/** `17:42`, with seconds when the range is under ten minutes; at midnight, or in a range of over two days, the day. */
export function tickText(atMs: number, rangeMs: number): string {
  const at = new Date(atMs)
  const time = clock(at, rangeMs < 10 * oneMinuteMs)
  const isMidnight = time === '00:00'
  if (isMidnight && rangeMs > oneDayMs / 2) return dayText(at)
  return rangeMs > 2 * oneDayMs ? `${dayText(at)} ${time}` : time
}

/** `17:42:10`, with the day when the range is longer than half of one: `22 Nov 17:42`. */
export function stepText(atMs: number, rangeMs: number): string {
  const at = new Date(atMs)
  return rangeMs > oneDayMs / 2 ? `${dayText(at)} ${clock(at, false)}` : clock(at, true)
}

/** `17:42:10` */
export function clockText(atMs: number): string {
  return clock(new Date(atMs), true)
}

/** `22 Nov, 17:42:10 – 17:43:10 UTC+1`: a range in local time, with its zone. */
export function rangeText(startMs: number, endMs: number): string {
  const [start, end] = [new Date(startMs), new Date(endMs)]
  const sameDay = start.toDateString() === end.toDateString()
  const endDay = sameDay ? '' : `${dayText(end)}, `
  return `${dayText(start)}, ${clock(start, true)} – ${endDay}${clock(end, true)} ${zoneText(endMs)}`
}

/** The zone of local times: `UTC`, `UTC+5:30`. */
function zoneText(atMs: number): string {
  const minutes = zoneAheadMs(atMs) / oneMinuteMs
  if (minutes === 0) return 'UTC'
  const rest = Math.abs(minutes) % 60
  const hours = Math.floor(Math.abs(minutes) / 60)
  return `UTC${minutes < 0 ? '−' : '+'}${hours}${rest === 0 ? '' : `:${two(rest)}`}`
}

function clock(at: Date, seconds: boolean): string {
  const time = `${two(at.getHours())}:${two(at.getMinutes())}`
  return seconds ? `${time}:${two(at.getSeconds())}` : time
}

function dayText(at: Date): string {
  return `${at.getDate()} ${at.toLocaleDateString('en', { month: 'short' })}`
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}
