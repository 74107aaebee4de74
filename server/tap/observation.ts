import type { HalfStart } from '#lib/tap/half.ts'
import type { Half } from '#lib/tap/joiner.ts'
import { Overlap } from '#lib/tap/overlap.ts'
import type { UnwatchedCause } from './counted-requests.ts'

/** One Observe of a proxy: at most `limit` requests. */
export class Observation {
  readonly limit: number
  readonly stop = new AbortController()
  /** Requests whose end is to come, by their number in the stream. */
  readonly open = new Map<number, Half>()
  /** The number of the next request. */
  #next = 0
  #lost = 0
  #older: { readonly observation: Observation; readonly overlap: Overlap } | null = null
  #newer: Overlap | null = null

  /** `older` goes on telling for a while what this one tells, too. */
  constructor(limit: number, older: Observation | null) {
    this.limit = limit
    if (older === null || older.remaining === 0) return
    const overlap = new Overlap()
    this.#older = { observation: older, overlap }
    older.#newer = overlap
  }

  /** How many more requests it may begin to tell. */
  get remaining(): number {
    return this.limit - this.#next
  }

  /** Why it is used up, when it is: lost requests take their numbers, too. */
  get cause(): UnwatchedCause {
    return this.#lost > 0 ? 'proxyBuffer' : 'limit'
  }

  /**
   * Takes the beginning of a request: how many were lost before it, whether the neighbouring stream told it, and the
   * older stream if that may have been used up before this one began: its first request then was not told by both.
   */
  begin(start: HalfStart): {
    readonly lost: number
    readonly isKnown: boolean
    readonly lateAfter: Observation | null
  } {
    const isFirst = this.#next === 0
    const lost = Math.max(0, start.stream - this.#next)
    this.#lost += lost
    this.#next = Math.max(this.#next, start.stream + 1)
    const key = sameness(start)
    const isKnownFromNewer = this.#newer?.isKnownFromNewer(key) ?? false
    const isKnownFromOlder = this.#older?.overlap.isKnownFromOlder(key) ?? false
    const lateAfter = isFirst && !isKnownFromOlder ? (this.#older?.observation ?? null) : null
    if (!isKnownFromOlder && this.#older?.observation.remaining === 0) this.#older = null
    return { lost, isKnown: isKnownFromNewer || isKnownFromOlder, lateAfter }
  }

  /** Takes its end: how many requests were lost since the last. */
  finish(): number {
    const lost = this.remaining
    this.#lost += lost
    this.#next = this.limit
    return lost
  }
}

function sameness({ direction, source, destination, method, path, ...start }: HalfStart): string {
  const requestId = start.sourceLabels.request_id ?? start.destinationLabels.request_id ?? ''
  return [
    direction,
    requestId,
    source.ip,
    source.port,
    destination.ip,
    destination.port,
    method,
    start.authority,
    path,
  ].join('\n')
}
