import type { PolicyRef } from './server-policy.ts'

/** How many requests a port takes per second: of all, of clients named, of each client. */
export interface RateLimit {
  /** Labels `ratelimit_*`. */
  readonly ref: PolicyRef
  readonly totalPerSecond: number | null
  /** For each client identity on its own; clients without one share one. */
  readonly identityPerSecond: number | null
  readonly overrides: readonly RateLimitOverride[]
}

/** Holds for each of these identities in place of `identityPerSecond`. */
interface RateLimitOverride {
  readonly perSecond: number
  readonly identities: readonly string[]
}
