/** Up to an hour, with what snapping to slots adds. */
const everyRoundUpToMs = 65 * 60_000
const longestPaceMs = 60_000
/** So many times less than the window, that nobody sees the difference. */
const pacesOfWindow = 360

/**
 * How long an answer over the last so long stays new enough: 0 up to an hour, for then each scrape shows; of longer ones
 * a small part, a minute at most.
 */
export function paceMs(windowMs: number): number {
  return windowMs <= everyRoundUpToMs ? 0 : Math.min(longestPaceMs, windowMs / pacesOfWindow)
}
