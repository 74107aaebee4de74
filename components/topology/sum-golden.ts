import type { Golden, Tcp } from '#lib/api/common.ts'

export const noGolden: Golden = {
  requests: null,
  rps: null,
  successRate: null,
  latencyMs: { p50: null, p95: null, p99: null },
}

export const noTcp: Tcp = { open: null, readBytesPerSecond: null, writeBytesPerSecond: null }

/** Both together. Quantiles do not add up: of two that have some, the sum has none. */
export function addGolden(a: Golden, b: Golden): Golden {
  const requests = addAmounts(a.requests, b.requests)
  if (b.requests === null || b.requests === 0) return { ...a, requests, rps: addAmounts(a.rps, b.rps) }
  if (a.requests === null || a.requests === 0) return { ...b, rps: addAmounts(a.rps, b.rps) }
  const successes = a.requests * (a.successRate ?? 0) + b.requests * (b.successRate ?? 0)
  return {
    requests,
    rps: addAmounts(a.rps, b.rps),
    successRate: successes / (a.requests + b.requests),
    latencyMs: noGolden.latencyMs,
  }
}

export function addTcp(a: Tcp, b: Tcp): Tcp {
  return {
    open: addAmounts(a.open, b.open),
    readBytesPerSecond: addAmounts(a.readBytesPerSecond, b.readBytesPerSecond),
    writeBytesPerSecond: addAmounts(a.writeBytesPerSecond, b.writeBytesPerSecond),
  }
}

function addAmounts(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : a + b
}
