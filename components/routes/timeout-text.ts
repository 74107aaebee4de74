/** A timeout as people write it: `250 ms`, `2.5 s`. */
export function timeoutText(timeoutMs: number): string {
  return timeoutMs < 1_000 ? `${timeoutMs}\u00a0ms` : `${timeoutMs / 1_000}\u00a0s`
}
