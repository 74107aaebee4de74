const FIRST_MS = 100
const LONGEST_MS = 60_000
const JITTER_RATIO = 0.1

/** How long to leave an endpoint alone after its `failures`-th failed connection in a row, the first being 1. */
export function connectBackoffMs(failures: number, random: () => number): number {
  const baseMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(30, failures - 1))
  return baseMs * (1 + JITTER_RATIO * random())
}
