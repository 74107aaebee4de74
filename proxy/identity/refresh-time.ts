/** A certificate is renewed once this much of its remaining lifetime has passed. */
const REFRESH_RATIO = 0.7

/** How long to wait before renewing a certificate that lasts until `expiresAtMs`: never outside the bounds. */
export function refreshInMs(
  expiresAtMs: number,
  nowMs: number,
  { minRefreshMs, maxRefreshMs }: { minRefreshMs: number; maxRefreshMs: number },
): number {
  const wantedMs = (expiresAtMs - nowMs) * REFRESH_RATIO
  return Math.min(maxRefreshMs, Math.max(minRefreshMs, wantedMs))
}
