/** How many standard deviations a share may be off before chance is a poor explanation: one in four hundred. */
const MOST_DEVIATIONS = 3

/**
 * Whether the share that was seen of so many requests is what chance makes of the one that was asked: each request is
 * sent on its own, so that the count follows the binomial distribution. `null` where nothing was seen or asked.
 */
export function isByChance(asked: number | null, seen: number | null, requests: number): boolean | null {
  if (asked === null || seen === null || requests === 0) return null
  const deviation = Math.sqrt((asked * (1 - asked)) / requests)
  // A count is whole: half a request more or less says nothing.
  return Math.abs(seen - asked) <= MOST_DEVIATIONS * deviation + 0.5 / requests
}
