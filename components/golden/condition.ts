import type { GoldenRow } from '#lib/api/golden.ts'

/**
 * Why a row looks as it does: `busy` has traffic; `idle` was watched and had none; `unmeshed` has no proxy that
 * could count; `unanswered` has proxies, and none of them answered.
 */
export type Condition = 'busy' | 'idle' | 'unmeshed' | 'unanswered'

/** The condition of a row. Open connections and bytes are traffic, too. */
export function conditionOf({ golden, meshed, tcp }: GoldenRow): Condition {
  if (golden.requests !== null && golden.requests > 0) return 'busy'
  if ((tcp.open ?? 0) > 0 || (tcp.readBytesPerSecond ?? 0) > 0) return 'busy'
  if (meshed.running === 0) return 'unmeshed'
  return golden.requests === null ? 'unanswered' : 'idle'
}

/** Why a number of such a row is missing; `undefined` when it is not expected to be. */
export const missingReason: Readonly<Record<Condition, string>> = {
  busy: 'No request in this window',
  idle: 'No request in this window',
  unmeshed: 'Not meshed: no proxy counts its traffic',
  unanswered: 'None of its proxies answered in this window',
}
