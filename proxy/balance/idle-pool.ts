/** Something that can wait for its next use. */
export interface Poolable {
  readonly isUsable: boolean
  close(): void
}

export interface IdlePoolOptions {
  readonly maxIdle: number
  readonly idleTimeoutMs: number
  nowMs(): number
}

/**
 * Connections between two uses, the last one used first, so that the surplus of a burst grows old and leaves.
 * Holds at most `maxIdle`; what comes beyond is closed.
 */
export class IdlePool<T extends Poolable> {
  private idle: { readonly item: T; readonly sinceMs: number }[] = []
  private timer: ReturnType<typeof setTimeout> | null = null
  private state: 'open' | 'closed' = 'open'

  constructor(private readonly options: IdlePoolOptions) {}

  get size(): number {
    return this.idle.length
  }

  take(): T | null {
    for (;;) {
      const entry = this.idle.pop()
      if (entry === undefined) return null
      if (entry.item.isUsable) return entry.item
      entry.item.close()
    }
  }

  put(item: T): void {
    if (this.state === 'closed' || this.idle.length >= this.options.maxIdle) {
      item.close()
      return
    }
    this.idle.push({ item, sinceMs: this.options.nowMs() })
    this.timer ??= setTimeout(() => this.sweep(), this.options.idleTimeoutMs)
  }

  /** Forgets an item that closed while it was idle. */
  remove(item: T): void {
    const index = this.idle.findIndex(entry => entry.item === item)
    if (index >= 0) this.idle.splice(index, 1)
  }

  close(): void {
    this.state = 'closed'
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
    for (const { item } of this.idle.splice(0)) item.close()
  }

  private sweep(): void {
    this.timer = null
    const oldestMs = this.options.nowMs() - this.options.idleTimeoutMs
    const fresh = this.idle.findIndex(entry => entry.sinceMs > oldestMs)
    const stale = this.idle.splice(0, fresh < 0 ? this.idle.length : fresh)
    for (const { item } of stale) item.close()
    const next = this.idle[0]
    if (next !== undefined) {
      this.timer = setTimeout(() => this.sweep(), Math.max(1, next.sinceMs - oldestMs))
    }
  }
}
