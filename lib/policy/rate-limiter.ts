import type { RateLimit } from './rate-limit.ts'

/** Which limit a request was over: that of all requests, or that of its client. */
export type RateLimitScope = 'total' | 'identity'

/** Clients told apart at a time; when all of them are busy, further ones share the limit of one. */
const MAX_CLIENTS = 4096
/** Ten-millionths of a request: what adding fractions of milliseconds may be off by. */
const TOLERANCE = 1e-7

/**
 * Holds requests to a limit by the generic cell rate algorithm: each takes its share of a second, and as many may come
 * at once as may come in a second. Checked in Linkerd's order: all requests, then the client's override and nothing
 * else, then the client; a request that a later limit refuses has taken its share of the earlier.
 */
export class RateLimiter {
  private readonly total: Meter | null
  private readonly identityPerSecond: number | null
  private readonly overrides = new Map<string, Meter>()
  private readonly clients = new Map<string, Meter>()
  private readonly others: Meter

  constructor({ totalPerSecond, identityPerSecond, overrides }: RateLimit) {
    this.total = totalPerSecond === null ? null : new Meter(totalPerSecond)
    this.identityPerSecond = identityPerSecond
    this.others = new Meter(identityPerSecond ?? 1)
    for (const { perSecond, identities } of overrides) {
      const shared = new Meter(perSecond)
      for (const identity of identities) this.overrides.set(identity, shared)
    }
  }

  /** The limit that the request is over; `null` when it may pass. `clientId` is empty for a client without identity. */
  check(clientId: string, nowMs: number): RateLimitScope | null {
    if (this.total?.take(nowMs) === false) return 'total'
    const override = this.overrides.get(clientId)
    if (override !== undefined) return override.take(nowMs) ? null : 'identity'
    if (this.identityPerSecond === null) return null
    return this.clientOf(clientId, this.identityPerSecond, nowMs).take(nowMs) ? null : 'identity'
  }

  private clientOf(clientId: string, perSecond: number, nowMs: number): Meter {
    const known = this.clients.get(clientId)
    if (known !== undefined) return known
    if (this.clients.size >= MAX_CLIENTS) this.forgetIdle(nowMs)
    if (this.clients.size >= MAX_CLIENTS) return this.others
    const meter = new Meter(perSecond)
    this.clients.set(clientId, meter)
    return meter
  }

  /** One that has its whole second free is as good as new. */
  private forgetIdle(nowMs: number): void {
    for (const [clientId, meter] of this.clients) if (meter.isIdle(nowMs)) this.clients.delete(clientId)
  }
}

class Meter {
  private readonly intervalMs: number
  /** When the requests so far have had their shares. */
  private spentUntilMs = Number.NEGATIVE_INFINITY

  constructor(private readonly perSecond: number) {
    this.intervalMs = 1000 / perSecond
  }

  take(nowMs: number): boolean {
    const nextMs = Math.max(this.spentUntilMs, nowMs) + this.intervalMs
    if (nextMs - nowMs > this.intervalMs * (this.perSecond + TOLERANCE)) return false
    this.spentUntilMs = nextMs
    return true
  }

  isIdle(nowMs: number): boolean {
    return this.spentUntilMs <= nowMs
  }
}
