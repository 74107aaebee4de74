import { compilePathPattern } from '#lib/profile/path-pattern.ts'
import { parseDuration } from './duration.ts'
import { parseQuantity } from './quantity.ts'
import { found, type Shape } from './shape.ts'

/** Text, as it stands. */
export const text: Shape<string> = (value, path, report) => {
  if (typeof value === 'string') return value
  return report(path, `expected text, found ${found(value)}`)
}

export const boolean: Shape<boolean> = (value, path, report) => {
  if (typeof value === 'boolean') return value
  return report(path, `expected true or false, found ${found(value)}`)
}

/** A whole number of a range, both ends in it. */
export function integer(min: number, max: number): Shape<number> {
  return (value, path, report) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
    return report(path, `expected a whole number from ${min} to ${max}, found ${found(value)}`)
  }
}

/** A number of a range, both ends in it. */
export function number(min: number, max: number): Shape<number> {
  return (value, path, report) => {
    if (typeof value === 'number' && value >= min && value <= max) return value
    return report(path, `expected a number from ${min} to ${max}, found ${found(value)}`)
  }
}

export const port = integer(1, 65_535)

/** One of these words. */
export function oneOf<const T extends string>(...words: readonly T[]): Shape<T> {
  return (value, path, report) => {
    const word = words.find(candidate => candidate === value)
    return word ?? report(path, `expected ${words.join(', ')}, found ${found(value)}`)
  }
}

/** Text of a pattern; `what` says in words what that is. */
export function matching(pattern: RegExp, what: string, maxLength = 253): Shape<string> {
  return (value, path, report) => {
    if (typeof value === 'string' && value.length <= maxLength && pattern.test(value)) return value
    return report(path, `expected ${what}, found ${found(value)}`)
  }
}

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'

/** A namespace's or a port's name: a DNS label. */
export const dnsLabel = matching(
  new RegExp(`^${label}$`),
  'a DNS label (lower-case letters, digits and -, at most 63)',
)

/** Most objects' names: DNS labels with dots between. */
export const dnsSubdomain = matching(
  new RegExp(`^${label}(?:\\.${label})*$`),
  'a DNS name (lower-case letters, digits, - and dots)',
)

/** A service's name: a DNS label that begins with a letter. */
export const serviceName = matching(
  /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/,
  'a service name (a DNS label from a letter on)',
)

/** Milliseconds of `5s` or `300ms`, within a range. */
export function durationMs(minMs = 0, maxMs = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, path, report) => {
    const ms = typeof value === 'string' ? parseDuration(value) : undefined
    if (ms === undefined)
      return report(path, `expected a duration such as 5s or 300ms, found ${found(value)}`)
    if (ms >= minMs && ms <= maxMs) return ms
    return report(path, `expected a duration from ${minMs} ms to ${maxMs} ms, found ${found(value)}`)
  }
}

/** A weight: a number, or a quantity such as `900m`. */
export const quantity: Shape<number> = (value, path, report) => {
  if (typeof value === 'number' && value >= 0 && value <= 1e12) return value
  const read = typeof value === 'string' ? parseQuantity(value) : undefined
  return read ?? report(path, `expected a weight of 0 or more such as 10 or "900m", found ${found(value)}`)
}

/** A number from 1 to 65535, or the name of a container's port. */
export const portOrName: Shape<number | string> = (value, path, report) =>
  typeof value === 'string' && !/^\d+$/.test(value)
    ? dnsLabel(value, path, report)
    : port(value, path, report)

/** A regular expression of Rust's dialect that can be matched here. */
export const regex: Shape<string> = (value, path, report) => {
  const source = text(value, path, report)
  if (source === undefined) return undefined
  try {
    compilePathPattern(source)
    return source
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return report(path, `expected a regular expression, found ${found(source)}: ${why}`)
  }
}
