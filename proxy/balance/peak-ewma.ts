/** What an endpoint with no answers yet is taken to need. */
export const DEFAULT_RTT_MS = 30
/** Time in which an estimate loses all but 1/e of its weight. */
export const DECAY_MS = 10_000

/** An endpoint's latency estimate and the requests that wait for its answer. */
export interface Load {
  estimateMs: number
  updatedMs: number
  pending: number
}

export function newLoad(nowMs: number): Load {
  return { estimateMs: DEFAULT_RTT_MS, updatedMs: nowMs, pending: 0 }
}

/**
 * The latency estimate after an answer: a slower one is believed at once, a faster one by and by
 * (Finagle's peak EWMA, as in linkerd2-proxy).
 */
export function estimateAfter(load: Load, rttMs: number, nowMs: number): number {
  if (rttMs > load.estimateMs) return rttMs
  const weight = decayWeight(load, nowMs)
  return load.estimateMs * weight + rttMs * (1 - weight)
}

/** What sending one more request would cost: grows with what is pending, fades while nothing is heard. */
export function loadAt(load: Load, nowMs: number): number {
  return load.estimateMs * decayWeight(load, nowMs) * (load.pending + 1)
}

function decayWeight(load: Load, nowMs: number): number {
  return Math.exp(-Math.max(0, nowMs - load.updatedMs) / DECAY_MS)
}
