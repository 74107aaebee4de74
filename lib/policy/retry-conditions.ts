import type { StatusRange } from './outbound-policy.ts'

/** The gRPC codes that a retry may be asked for, by the names Linkerd has for them. */
const CODES: ReadonlyMap<string, number> = new Map([
  ['cancelled', 1],
  ['deadline-exceeded', 4],
  ['resource-exhausted', 8],
  ['internal', 13],
  ['unavailable', 14],
])

/** The statuses that a list like `5xx,429,502-504` names; `null` for another text. */
export function retryStatuses(text: string): readonly StatusRange[] | null {
  return every(text, statusRange)
}

/** The gRPC codes that a list like `cancelled,unavailable` names; `null` for another text. */
export function retryCodes(text: string): readonly number[] | null {
  return every(text, name => CODES.get(name) ?? null)
}

function every<T>(text: string, read: (part: string) => T | null): readonly T[] | null {
  const parts = text.split(',').map(part => read(part.trim()))
  return parts.every(part => part !== null) ? parts : null
}

function statusRange(text: string): StatusRange | null {
  if (text === '5xx') return { min: 500, max: 599 }
  if (text === 'gateway-error') return { min: 502, max: 504 }
  const [, from, to = from] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? []
  if (from === undefined || Number(from) > Number(to)) return null
  return { min: Number(from), max: Number(to) }
}
