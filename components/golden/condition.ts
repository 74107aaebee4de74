import type { GoldenRow } from '#lib/api/golden.ts'

/**
 * Why a row looks as it does: `busy` has traffic; `sending` received nothing but sent; `idle` was watched and had
 * none; `unmeshed` has no proxy that could count; `unanswered` has proxies, and none of them answered.
 */
export type Condition = 'busy' | 'sending' | 'idle' | 'unmeshed' | 'unanswered'

/** The condition of a row. Open connections and bytes are traffic, too. */
export function conditionOf({ golden, meshed, tcp, sent }: GoldenRow): Condition {
  if (sent !== undefined) return 'sending'
  if (golden.requests !== null && golden.requests > 0) return 'busy'
  if ((tcp.open ?? 0) > 0 || (tcp.readBytesPerSecond ?? 0) > 0) return 'busy'
  if (meshed.running === 0) return 'unmeshed'
  return golden.requests === null ? 'unanswered' : 'idle'
}

/** The numbers a row is drawn with: what it received, or sent when it received nothing. */
export function shownGolden({ golden, sent }: GoldenRow): GoldenRow['golden'] {
  return sent ?? golden
}

/** Why a number of such a row is missing; `undefined` when it is not expected to be. */
export const missingReason: Readonly<Record<Condition, string>> = {
  busy: 'No request in this window',
  sending: 'It received no request in this window',
  idle: 'No request in this window',
  unmeshed: 'Not meshed: no proxy counts its traffic',
  unanswered: 'None of its proxies answered in this window',
}
