import type { AccrualSettings } from '#lib/policy/outbound-policy.ts'

type State =
  | { readonly kind: 'open'; readonly failures: number }
  /** No request until then. */
  | { readonly kind: 'shut'; readonly untilMs: number; readonly times: number }
  /** One request may try. */
  | { readonly kind: 'probation'; readonly times: number; readonly isTrying: boolean }

/**
 * Whether an endpoint is to be left alone for its failures: after `maxFailures` in a row it is, for a penalty that
 * doubles each time, and then one request may try. Its success ends that, its failure prolongs it. How requests end
 * meanwhile that began before tells nothing.
 */
export class FailureAccrual {
  private state: State = { kind: 'open', failures: 0 }

  constructor(
    private readonly settings: AccrualSettings,
    private readonly random: () => number,
  ) {}

  isAvailable(nowMs: number): boolean {
    switch (this.state.kind) {
      case 'open':
        return true
      case 'shut':
        return nowMs >= this.state.untilMs
      case 'probation':
        return !this.state.isTrying
    }
  }

  /** A request goes to the endpoint. */
  began(nowMs: number): void {
    const { state } = this
    const isTry = state.kind === 'probation' || (state.kind === 'shut' && nowMs >= state.untilMs)
    if (isTry) this.state = { kind: 'probation', times: state.times, isTrying: true }
  }

  /** A request ended; `null` when its end says nothing of the endpoint, as when its client left. */
  ended(isFailure: boolean | null, nowMs: number): void {
    const { state } = this
    switch (state.kind) {
      case 'open': {
        if (isFailure === null) return
        const failures = isFailure ? state.failures + 1 : 0
        if (failures < this.settings.maxFailures) this.state = { kind: 'open', failures }
        else this.shut(0, nowMs)
        return
      }
      case 'shut':
        return
      case 'probation':
        if (isFailure === null) this.state = { ...state, isTrying: false }
        else if (isFailure) this.shut(state.times, nowMs)
        else this.state = { kind: 'open', failures: 0 }
    }
  }

  private shut(times: number, nowMs: number): void {
    const { jitterRatio, maxPenaltyMs, minPenaltyMs } = this.settings
    const baseMs = Math.min(minPenaltyMs * 2 ** Math.min(30, times), maxPenaltyMs)
    const penaltyMs = Math.min(baseMs * (1 + jitterRatio * this.random()), maxPenaltyMs)
    this.state = { kind: 'shut', untilMs: nowMs + penaltyMs, times: times + 1 }
  }
}

export function isSameAccrual(a: AccrualSettings | null, b: AccrualSettings | null): boolean {
  if (a === null || b === null) return a === b
  return (
    a.maxFailures === b.maxFailures &&
    a.minPenaltyMs === b.minPenaltyMs &&
    a.maxPenaltyMs === b.maxPenaltyMs &&
    a.jitterRatio === b.jitterRatio
  )
}
