import type { RetryBudget as BudgetSettings } from '#lib/resources/service-profile.ts'

/** Linkerd's, for profiles that say nothing else. */
export const DEFAULT_RETRY_BUDGET: BudgetSettings = {
  retryRatio: 0.2,
  minRetriesPerSecond: 10,
  ttlMs: 10_000,
}

const SLOTS = 10

/**
 * How many retries are allowed by what was asked lately: `retryRatio` of the requests within `ttlMs`, and
 * `minRetriesPerSecond` besides. What was earned and spent is forgotten a tenth of `ttlMs` at a time.
 */
export class RetryBudget {
  /** Retries earned less those spent, by the tenth of `ttlMs` in which that was. */
  private readonly slots = new Float64Array(SLOTS)
  /** The tenth that `slots` were last brought up to. */
  private current: number

  constructor(
    readonly settings: BudgetSettings,
    nowMs: number,
  ) {
    this.current = this.slotAt(nowMs)
  }

  /** A request came, which earns a part of a retry. */
  deposit(nowMs: number): void {
    this.advance(nowMs)
    this.slots[this.current % SLOTS]! += this.settings.retryRatio
  }

  /** Spends one retry; `false` when there is none left. */
  withdraw(nowMs: number): boolean {
    this.advance(nowMs)
    const { minRetriesPerSecond, ttlMs } = this.settings
    let balance = (minRetriesPerSecond * ttlMs) / 1000
    for (const slot of this.slots) balance += slot
    // Of many parts of a retry the sum may fall short of a whole one by rounding.
    if (balance < 1 - 1e-9) return false
    this.slots[this.current % SLOTS]! -= 1
    return true
  }

  private advance(nowMs: number): void {
    const now = this.slotAt(nowMs)
    if (now - this.current >= SLOTS) this.slots.fill(0)
    else for (let slot = this.current + 1; slot <= now; slot++) this.slots[slot % SLOTS] = 0
    this.current = Math.max(this.current, now)
  }

  private slotAt(nowMs: number): number {
    return Math.floor((nowMs * SLOTS) / this.settings.ttlMs)
  }
}

export function isSameBudget(a: BudgetSettings, b: BudgetSettings): boolean {
  return (
    a.retryRatio === b.retryRatio && a.minRetriesPerSecond === b.minRetriesPerSecond && a.ttlMs === b.ttlMs
  )
}
