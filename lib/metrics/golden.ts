import { countOf, type Histogram, quantile } from './histogram.ts'

/** What golden signals are computed from: integers that were counted, and their rate. */
export interface ResponseSums {
  readonly success: number
  readonly failure: number
  readonly latency: Histogram | null
  readonly responsesPerSecond: number
}

/** Golden signals of one row. `null`: nobody could tell, or there was nothing to divide by. */
export interface GoldenSignals {
  readonly requests: number | null
  readonly rps: number | null
  /** 0–1 */
  readonly successRate: number | null
  readonly latencyMs: LatencyQuantiles
}

interface LatencyQuantiles {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

const noLatency: LatencyQuantiles = { p50: null, p95: null, p99: null }

/** What is known when no proxy answered: nothing. */
export const unknownGolden: GoldenSignals = {
  requests: null,
  rps: null,
  successRate: null,
  latencyMs: noLatency,
}

/** What proxies that answered say when nothing was asked of them: no requests, hence no rate of success, no latency. */
export const idleGolden: GoldenSignals = { requests: 0, rps: 0, successRate: null, latencyMs: noLatency }

/** Successes ÷ all, 0–1; `null` when there was none. */
export function successRate(success: number, failure: number): number | null {
  const total = success + failure
  return total === 0 ? null : success / total
}

/** The quantiles people look at; each `null` for an empty or missing histogram. */
function latencyQuantiles(latency: Histogram | null): LatencyQuantiles {
  if (latency === null) return noLatency
  const total = countOf(latency)
  return {
    p50: quantile(latency, 0.5, total),
    p95: quantile(latency, 0.95, total),
    p99: quantile(latency, 0.99, total),
  }
}

/** Golden signals of what was counted; requests are classified responses. */
export function goldenSignals(sums: ResponseSums): GoldenSignals {
  return {
    requests: sums.success + sums.failure,
    rps: sums.responsesPerSecond,
    successRate: successRate(sums.success, sums.failure),
    latencyMs: latencyQuantiles(sums.latency),
  }
}
