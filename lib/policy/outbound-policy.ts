/** After how many failures in a row an endpoint is left alone, and for how long. */
export interface AccrualSettings {
  readonly maxFailures: number
  readonly minPenaltyMs: number
  readonly maxPenaltyMs: number
  /** A penalty is prolonged by up to this share of it, 0 or more. */
  readonly jitterRatio: number
}

/** Statuses, both included. */
export interface StatusRange {
  readonly min: number
  readonly max: number
}

/** How long to wait before a retry: twice as long each time, from `minMs` to `maxMs`, and longer by up to a share of it. */
export interface RetryBackoff {
  readonly minMs: number
  readonly maxMs: number
  readonly jitterRatio: number
}

/** Which failed attempts are sent again. */
export interface RetryPolicy {
  readonly statuses: readonly StatusRange[]
  /** Of gRPC calls. */
  readonly grpcCodes: readonly number[]
  /** Of one request. */
  readonly maxRetries: number
  /** How long an attempt may take to its response's head; `null`: as long as the request. */
  readonly attemptTimeoutMs: number | null
  /** Absent: they are sent at once. */
  readonly backoff?: RetryBackoff
}

/** How requests are sent. */
export interface RoutePolicy {
  readonly retry: RetryPolicy | null
  /** From the request's begin to its response's end; `null`: without limit. */
  readonly requestTimeoutMs: number | null
  /** From the request's end to its response's end. */
  readonly responseTimeoutMs: number | null
  /** While nothing of either body passes. */
  readonly idleTimeoutMs: number | null
}

/** How clients use a service that has no ServiceProfile, but for what its routes say. */
export interface OutboundPolicy extends RoutePolicy {
  readonly failureAccrual: AccrualSettings | null
}
