import type { CellDelta } from '#server/store/delta.ts'
import type { CounterField } from '#server/store/series-meaning.ts'
import type { CellKey } from '#server/store/store.ts'

type Latency = { readonly boundsMs: readonly number[]; readonly counts: number[] }

/** What one cell of one target counted since it was last taken. */
export class CellCounts {
  readonly key: CellKey
  /** Connections open now, over all series of the cell. */
  open = 0
  /** How many series feed it. */
  seriesCount = 0
  #toldOpen = 0
  #counts: Partial<Record<CounterField, number>> | null = null
  #latency: Latency | null = null
  #statuses: Map<string, number> | null = null

  constructor(key: CellKey) {
    this.key = key
  }

  add(field: CounterField, increase: number): void {
    if (increase === 0) return
    this.#counts ??= {}
    this.#counts[field] = (this.#counts[field] ?? 0) + increase
  }

  /** Says of so many of the responses that were added what they were answered with. */
  addStatus(status: string, increase: number): void {
    if (increase === 0) return
    this.#statuses ??= new Map()
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + increase)
  }

  /** Adds latencies; `false` when the cell counts in other bounds, and nothing was added. */
  addLatency(boundsMs: readonly number[], counts: readonly number[]): boolean {
    if (this.#latency === null) {
      this.#latency = { boundsMs, counts: [...counts] }
      return true
    }
    if (this.#latency.boundsMs !== boundsMs) return false
    for (let i = 0; i < counts.length; i++) this.#latency.counts[i]! += counts[i]!
    return true
  }

  /** What was counted, and the open connections if there are any or their number changed; `null` when there is nothing to tell. */
  take(): CellDelta | null {
    const isOpenTold = this.open > 0 || this.open !== this.#toldOpen
    if (this.#counts === null && this.#latency === null && !isOpenTold) return null
    const delta: CellDelta = {
      key: this.key,
      ...this.#counts,
      ...(this.#latency === null ? {} : { latency: this.#latency }),
      ...(this.#statuses === null ? {} : { statuses: this.#statuses }),
      ...(isOpenTold ? { tcpOpen: this.open } : {}),
    }
    this.#counts = null
    this.#latency = null
    this.#statuses = null
    this.#toldOpen = this.open
    return delta
  }
}
