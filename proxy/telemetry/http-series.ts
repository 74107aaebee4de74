import { LatencyCounts } from './latency-counts.ts'
import { Series } from './series-group.ts'
import type { HttpMetrics, Outcome } from './telemetry.ts'

/** Responses that ended the same way. */
export interface OutcomeCount {
  readonly status: number
  readonly failure: boolean
  readonly grpcStatus: string
  readonly error: string
  count: number
  readonly latency: LatencyCounts
}

/** Further ways to end are counted under the hundred of their status, without their details. */
const MAX_OUTCOMES = 64

/** Requests and responses of one label set. */
export class HttpSeries extends Series implements HttpMetrics {
  requests = 0
  outcomes: OutcomeCount[] = []
  latencies = new Map<number, LatencyCounts>()
  #last: OutcomeCount | null = null

  request(): void {
    this.touch()
    this.requests++
  }

  response(outcome: Outcome, firstFrameMs: number): void {
    this.touch()
    const last = this.#last
    const counted = last !== null && isSame(last, outcome) ? last : this.#find(outcome)
    this.#last = counted
    counted.count++
    counted.latency.observe(firstFrameMs)
  }

  #find(outcome: Outcome): OutcomeCount {
    const known = this.outcomes.find(one => isSame(one, outcome))
    if (known !== undefined) return known
    if (this.outcomes.length < MAX_OUTCOMES) return this.#add(outcome)
    const { failure } = outcome
    const status = Math.floor(outcome.status / 100) * 100
    const rest: Outcome = { status, failure, grpcStatus: '', error: '' }
    return this.outcomes.find(one => isSame(one, rest)) ?? this.#add(rest)
  }

  #add({ status, failure, grpcStatus, error }: Outcome): OutcomeCount {
    const latency = this.latencies.get(status) ?? new LatencyCounts()
    this.latencies.set(status, latency)
    const added = { status, failure, grpcStatus, error, count: 0, latency }
    this.outcomes.push(added)
    return added
  }

  protected override reset(): void {
    this.requests = 0
    this.outcomes = []
    this.latencies = new Map()
    this.#last = null
  }
}

function isSame(a: Outcome, b: Outcome): boolean {
  return (
    a.status === b.status && a.failure === b.failure && a.grpcStatus === b.grpcStatus && a.error === b.error
  )
}
