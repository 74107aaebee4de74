/** The share of an interval over which scrapes are spread; in the rest they can end before the round does. */
const spreadRatio = 0.8
const longestBackoffMs = 30_000

/** Where in each interval this target is scraped, so that targets take turns: always the same for one id. */
export function phaseMs(id: string, intervalMs: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193)
  // FNV-1a alone leaves ids that differ only at their ends close together; MurmurHash3's last steps part them.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  hash ^= hash >>> 16
  return Math.floor(((hash >>> 0) / 2 ** 32) * spreadRatio * intervalMs)
}

/** How long until the next instant that lies `phase` after the start of an interval: above 0, at most an interval. */
export function untilPhaseMs(nowMs: number, phase: number, intervalMs: number): number {
  const sincePhaseMs = (((nowMs - phase) % intervalMs) + intervalMs) % intervalMs
  return intervalMs - sincePhaseMs
}

/** Whole intervals to leave out after this many failures in a row: doubling, up to half a minute or six intervals, the shorter. */
export function skippedIntervals(failures: number, intervalMs: number): number {
  if (failures === 0) return 0
  const mostMs = Math.max(intervalMs, Math.min(longestBackoffMs, 6 * intervalMs))
  return Math.floor(Math.min(mostMs, intervalMs * 2 ** Math.min(failures - 1, 10)) / intervalMs) - 1
}
