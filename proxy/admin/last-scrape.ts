/** Longest wait for a last scrape: two of the collector's default intervals. */
const MAX_WAIT_MS = 10_000
const MIN_WAIT_MS = 1000

/** Knows when `/metrics` was read, so that a proxy that ends can wait until its last counts were seen. */
export class LastScrape {
  #previousAtMs: number | null = null
  #intervalMs: number | null = null
  readonly #waiting = new Set<() => void>()
  readonly #nowMs: () => number

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  /** A scrape was answered in full. */
  answered(): void {
    const nowMs = this.#nowMs()
    if (this.#previousAtMs !== null) this.#intervalMs = nowMs - this.#previousAtMs
    this.#previousAtMs = nowMs
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }

  /** How long `next` waits at most: two intervals as they were last seen, within bounds. */
  waitMs(): number {
    if (this.#intervalMs === null) return MAX_WAIT_MS
    return Math.min(MAX_WAIT_MS, Math.max(MIN_WAIT_MS, this.#intervalMs * 2))
  }

  /** Resolves after one more scrape, or when none came in time. */
  next(): Promise<void> {
    return new Promise(resolve => {
      const finish = (): void => {
        clearTimeout(timer)
        this.#waiting.delete(finish)
        resolve()
      }
      const timer = setTimeout(finish, this.waitMs())
      this.#waiting.add(finish)
    })
  }
}
