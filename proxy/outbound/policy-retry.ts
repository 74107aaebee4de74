import type { RetryBackoff, RetryPolicy } from '#lib/policy/outbound-policy.ts'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import { RESET_REFUSED, resetLabel } from '#proxy/http/reset-code.ts'
import type { Outcome } from '#proxy/telemetry/telemetry.ts'

const REFUSED = resetLabel(RESET_REFUSED)

/**
 * Whether an attempt is one to be sent again: no endpoint took it, it took too long, its stream was refused, or it ended
 * with a status that is named.
 */
export function isRetryable(
  { grpcCodes, statuses }: RetryPolicy,
  { error, grpcStatus, status }: Outcome,
  failure: ProxyError | null,
): boolean {
  if (failure?.kind === 'failfast' || failure?.kind === 'timeout' || error === REFUSED) return true
  if (grpcStatus !== '' && grpcCodes.includes(Number(grpcStatus))) return true
  return statuses.some(({ max, min }) => status >= min && status <= max)
}

/** How long to wait before the n-th retry, the first being 1. */
export function retryBackoffMs(
  { jitterRatio, maxMs, minMs }: RetryBackoff,
  retry: number,
  random: () => number,
): number {
  const baseMs = Math.min(maxMs, minMs * 2 ** Math.min(30, retry - 1))
  return baseMs * (1 + jitterRatio * random())
}
