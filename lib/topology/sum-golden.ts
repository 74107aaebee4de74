import type { Golden, Tcp } from '#lib/api/common.ts'

/** All together. Quantiles do not add up: where two have some, the sum has none. */
export function sumGolden(all: readonly Golden[]): Golden {
  let requests: number | null = null
  let rps: number | null = null
  let successes = 0
  const busy: Golden[] = []
  for (const golden of all) {
    if (golden.rps !== null) rps = (rps ?? 0) + golden.rps
    if (golden.requests === null) continue
    requests = (requests ?? 0) + golden.requests
    if (golden.requests === 0) continue
    successes += golden.requests * (golden.successRate ?? 0)
    busy.push(golden)
  }
  const [only] = busy
  if (only !== undefined && busy.length === 1) return { ...only, requests, rps }
  return {
    requests,
    rps,
    successRate: requests === null || requests === 0 ? null : successes / requests,
    latencyMs: { p50: null, p95: null, p99: null },
  }
}

export function sumTcp(all: readonly Tcp[]): Tcp {
  let open: number | null = null
  let readBytesPerSecond: number | null = null
  let writeBytesPerSecond: number | null = null
  for (const tcp of all) {
    open = addAmounts(open, tcp.open)
    readBytesPerSecond = addAmounts(readBytesPerSecond, tcp.readBytesPerSecond)
    writeBytesPerSecond = addAmounts(writeBytesPerSecond, tcp.writeBytesPerSecond)
  }
  return { open, readBytesPerSecond, writeBytesPerSecond }
}

function addAmounts(a: number | null, b: number | null): number | null {
  if (a === null) return b
  return b === null ? a : a + b
}
