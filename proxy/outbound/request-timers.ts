type Name = 'request' | 'response' | 'idle' | 'attempt' | 'backoff'

/** The timers of one request, at most one of each name; most requests have none. */
export class RequestTimers {
  private timers: Map<Name, ReturnType<typeof setTimeout>> | null = null

  /** Replaces the timer of this name. */
  set(name: Name, delayMs: number, run: () => void): void {
    this.clear(name)
    this.timers ??= new Map()
    this.timers.set(name, setTimeout(run, delayMs))
  }

  clear(name: Name): void {
    clearTimeout(this.timers?.get(name))
    this.timers?.delete(name)
  }

  clearAll(): void {
    for (const timer of this.timers?.values() ?? []) clearTimeout(timer)
    this.timers = null
  }
}
