import type { CellKey } from './store.ts'

/** What one scrape of one instance added since the scrape before. */
export interface Delta {
  readonly namespace: string
  readonly pod: string
  /** End of the earlier scrape (or the process's start) and of this one, in Unix milliseconds. */
  readonly startMs: number
  readonly endMs: number
  readonly cells: readonly CellDelta[]
  /**
   * What the counters were at the end, as the instance printed them: who keeps a copy can have counting go on from there.
   * Its memory is used again once the delta was appended.
   */
  readonly exposition?: Uint8Array
  /** Part of it was counted while no server ran. */
  readonly isRecovered?: boolean
}

/** The increase of one cell's counters; only what is not zero. Gauges carry their present value. */
export interface CellDelta {
  readonly key: CellKey
  readonly success?: number
  readonly failure?: number
  /** Success and failure by `statusKey`. */
  readonly statuses?: ReadonlyMap<string, number>
  readonly actualSuccess?: number
  readonly actualFailure?: number
  readonly latency?: { readonly boundsMs: readonly number[]; readonly counts: readonly number[] }
  readonly denied?: number
  readonly limited?: number
  readonly unrouted?: number
  readonly tcpOpened?: number
  readonly tcpClosed?: number
  readonly tcpOpen?: number
  readonly readBytes?: number
  readonly writeBytes?: number
}
