import type { RetryPolicy, RoutePolicy } from '#lib/policy/outbound-policy.ts'
import { retryCodes, retryStatuses } from '#lib/policy/retry-conditions.ts'
import { parseDurationMs } from '#proxy/environment.ts'
import { type HeaderBlock, Known } from '#proxy/http/header-block.ts'

/** The longest that a timer can wait. */
const LONGEST_MS = 2 ** 31 - 1

/** What one request asks for in place of what its route says; `null` where it does not ask. */
export interface RequestOverrides {
  readonly statuses: RetryPolicy['statuses'] | null
  readonly grpcCodes: RetryPolicy['grpcCodes'] | null
  readonly maxRetries: number | null
  readonly attemptTimeoutMs: number | null
  readonly requestTimeoutMs: number | null
  readonly responseTimeoutMs: number | null
}

/** What the `l5d-retry-*` and `l5d-*timeout` headers ask; one that cannot be read asks nothing. `null`: none do. */
export function readOverrides(headers: HeaderBlock): RequestOverrides | null {
  if (headers.find(Known.l5d) < 0) return null
  const read = <T>(name: string, parse: (text: string) => T | null): T | null => {
    const text = headers.get(name)
    return text === null ? null : parse(text)
  }
  const overrides = {
    statuses: read('l5d-retry-http', retryStatuses),
    grpcCodes: read('l5d-retry-grpc', retryCodes),
    maxRetries: read('l5d-retry-limit', retryLimit),
    attemptTimeoutMs: read('l5d-retry-timeout', timeMs),
    requestTimeoutMs: read('l5d-request-timeout', timeMs) ?? read('l5d-timeout', timeMs),
    responseTimeoutMs: read('l5d-response-timeout', timeMs),
  }
  return Object.values(overrides).every(one => one === null) ? null : overrides
}

/** How a request is sent that asks for something else than its route says. A route without retries gets one. */
export function overridden<T extends RoutePolicy>(policy: T, overrides: RequestOverrides): T {
  const { attemptTimeoutMs, grpcCodes, maxRetries, statuses } = overrides
  const asksRetries = [attemptTimeoutMs, grpcCodes, maxRetries, statuses].some(one => one !== null)
  const { retry } = policy
  return {
    ...policy,
    requestTimeoutMs: overrides.requestTimeoutMs ?? policy.requestTimeoutMs,
    responseTimeoutMs: overrides.responseTimeoutMs ?? policy.responseTimeoutMs,
    retry: asksRetries
      ? {
          statuses: statuses ?? retry?.statuses ?? [],
          grpcCodes: grpcCodes ?? retry?.grpcCodes ?? [],
          maxRetries: maxRetries ?? retry?.maxRetries ?? 1,
          attemptTimeoutMs: attemptTimeoutMs ?? retry?.attemptTimeoutMs ?? null,
          ...(retry?.backoff !== undefined && { backoff: retry.backoff }),
        }
      : retry,
  }
}

/** As many as a policy may name. */
function retryLimit(text: string): number | null {
  return /^\d{1,9}$/.test(text) ? Math.min(100, Number(text)) : null
}

function timeMs(text: string): number | null {
  const ms = parseDurationMs(text)
  return ms === null || ms > LONGEST_MS || ms === 0 ? null : ms
}
