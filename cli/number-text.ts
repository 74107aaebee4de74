import { percentDigits } from '#lib/metrics/format.ts'

const lastLatencyBoundMs = 50_000

/** The value as `format` writes it; `-` where there is none. */
export function shown(value: number | null, format: (value: number) => string): string {
  return value === null ? '-' : format(value)
}

/** A ratio in percent. */
export function ratioText(ratio: number): string {
  return `${percentDigits(ratio)}%`
}

export function rateText(requestsPerSecond: number): string {
  return `${requestsPerSecond.toFixed(1)}rps`
}

/** Whole milliseconds; what the histogram's first and last buckets cannot tell apart says so. */
export function latencyText(ms: number): string {
  if (ms >= lastLatencyBoundMs) return `>${lastLatencyBoundMs}ms`
  if (ms > 0 && ms < 0.5) return '<1ms'
  return `${Math.round(ms)}ms`
}
