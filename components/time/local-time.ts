/** A time as people in the browser's zone read it: `14:05:00`, with the day unless it is the day of `nowMs`. */
export function localTimeText(ms: number, nowMs: number): string {
  const [at, now] = [new Date(ms), new Date(nowMs)]
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
  if (at.toDateString() === now.toDateString()) return clock
  const year = at.getFullYear() === now.getFullYear() ? '' : ` ${at.getFullYear()}`
  return `${at.getDate()} ${months[at.getMonth()]}${year} ${clock}`
}

/** From when to when, with each day said once: `14:00:00 – 14:05:00`. */
export function localRangeText(startMs: number, endMs: number, nowMs: number): string {
  return `${localTimeText(startMs, nowMs)} – ${localTimeText(endMs, startsOn(startMs, endMs) ? endMs : nowMs)}`
}

/** A time as the fields for times take it: `2026-11-22 14:05:00`. */
export function localFieldText(ms: number): string {
  const at = new Date(ms)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** The browser's zone and how far it is from UTC now: `Europe/Berlin, UTC+01:00`. */
export function zoneText(nowMs: number): string {
  const aheadMinutes = -new Date(nowMs).getTimezoneOffset()
  const minutes = Math.abs(aheadMinutes)
  const offset = `${aheadMinutes < 0 ? '−' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  return aheadMinutes === 0 && zone === 'UTC' ? 'UTC' : `${zone}, UTC${offset}`
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

function startsOn(startMs: number, endMs: number): boolean {
  return new Date(startMs).toDateString() === new Date(endMs).toDateString()
}

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** A note of the server with the instants in it as people in the browser's zone read them. */
export function localNote(note: string, nowMs: number): string {
  return note.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, text =>
    localTimeText(Date.parse(text), nowMs),
  )
}
