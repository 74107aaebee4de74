/**
 * A number made for people: its digits, and its unit apart from them so that columns can align.
 * A missing number is `–` without a unit.
 */
export interface Quantity {
  readonly digits: string
  readonly unit: string
}

/** Stands in the place of the digits of a number that is missing. */
export const missingDigits = '–'

const missing: Quantity = { digits: missingDigits, unit: '' }

/** Above this no bucket of Linkerd's latency histogram tells one duration from another. */
const lastLatencyBoundMs = 50_000

/** The digits of a ratio 0–1 in percent, with two decimals. Only 1 gives `100.00`, and only 0 gives `0.00`. */
export function percentDigits(ratio: number): string {
  const digits = (ratio * 100).toFixed(2)
  if (ratio < 1 && digits === '100.00') return '99.99'
  if (ratio > 0 && digits === '0.00') return '0.01'
  return digits
}

/** A ratio 0–1 in percent: `99.99 %`. Never rounded up to 100 %. */
export function percent(ratio: number | null): Quantity {
  return ratio === null ? missing : { digits: percentDigits(ratio), unit: '%' }
}

/** Requests per second: `12.3 rps`. A rate that is not zero never reads as zero. */
export function requestRate(requestsPerSecond: number | null): Quantity {
  if (requestsPerSecond === null) return missing
  if (requestsPerSecond > 0 && requestsPerSecond < 0.05) return { digits: '< 0.1', unit: 'rps' }
  return { digits: grouped(requestsPerSecond, 1), unit: 'rps' }
}

/**
 * A latency: `< 0.1 ms`, `7.3 ms`, `250.0 ms`, `2.5 s`; `> 50 s` from the last bound of the histogram on. One
 * decimal, because inside a bucket the histogram knows no better.
 */
export function latency(durationMs: number | null): Quantity {
  if (durationMs === null) return missing
  if (durationMs >= lastLatencyBoundMs) return { digits: '> 50', unit: 's' }
  if (durationMs > 0 && durationMs < 0.05) return { digits: '< 0.1', unit: 'ms' }
  if (durationMs < 999.95) return { digits: durationMs.toFixed(1), unit: 'ms' }
  return { digits: (durationMs / 1000).toFixed(1), unit: 's' }
}

const byteUnits = ['B/s', 'kB/s', 'MB/s', 'GB/s', 'TB/s'] as const

/** Bytes per second in the largest decimal unit that leaves a digit before the point: `1.2 kB/s`. */
export function byteRate(bytesPerSecond: number | null): Quantity {
  if (bytesPerSecond === null) return missing
  let scaled = bytesPerSecond
  let unit: (typeof byteUnits)[number] = 'B/s'
  for (const larger of byteUnits.slice(1)) {
    if (scaled < 999.95) break
    scaled /= 1000
    unit = larger
  }
  return { digits: scaled.toFixed(1), unit }
}

const sizeUnits = ['KiB', 'MiB', 'GiB', 'TiB'] as const

/** An amount of memory in the largest binary unit that leaves a digit before the point: `1.2 MiB`. */
export function byteSize(bytes: number | null): Quantity {
  if (bytes === null) return missing
  let scaled = bytes / 1_024
  let unit: (typeof sizeUnits)[number] = 'KiB'
  for (const larger of sizeUnits.slice(1)) {
    if (scaled < 1_023.95) break
    scaled /= 1_024
    unit = larger
  }
  return { digits: scaled.toFixed(1), unit }
}

/** A whole number with its noun: `1,204 connections`; the noun is given in the plural and may be empty. */
export function amount(value: number | null, noun: string): Quantity {
  return value === null ? missing : { digits: grouped(value, 0), unit: noun }
}

/** How long something lasted or is ago, in its largest one or two units: `4 s`, `2 min 5 s`, `3 h 20 min`. */
export function duration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return joined(minutes, 'min', seconds % 60, 's')
  const hours = Math.floor(minutes / 60)
  if (hours < 24) return joined(hours, 'h', minutes % 60, 'min')
  return joined(Math.floor(hours / 24), 'd', hours % 24, 'h')
}

/** The quantity on one line: digits, a no-break space, the unit. */
export function quantityText({ digits, unit }: Quantity): string {
  return unit === '' ? digits : `${digits}\u00a0${unit}`
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

function grouped(value: number, decimals: number): string {
  const [whole = '', fraction] = value.toFixed(decimals).split('.')
  const thousands = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return fraction === undefined ? thousands : `${thousands}.${fraction}`
}
