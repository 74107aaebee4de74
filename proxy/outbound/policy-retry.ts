import type { RetryPolicy } from '#lib/policy/outbound-policy.ts'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import type { Outcome } from '#proxy/telemetry/telemetry.ts'

const FIRST_MS = 25
const LONGEST_MS = 250

/** Whether an attempt is one to be sent again: it took too long, or ended with a status that is named. */
export function isRetryable(
  { statuses }: RetryPolicy,
  { status }: Outcome,
  failure: ProxyError | null,
): boolean {
  return failure?.kind === 'timeout' || statuses.some(({ max, min }) => status >= min && status <= max)
}

/** How long to wait before the n-th retry, the first being 1: Linkerd's times, up to twice as long by chance. */
export function retryBackoffMs(retry: number, random: () => number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(10, retry - 1)) * (1 + random())
}
