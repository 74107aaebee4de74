/** How long to wait between attempts. */
export interface Backoff {
  readonly minMs: number
  readonly maxMs: number
}

/**
 * The wait before another attempt after `failures` (1 or more) in a row: twice as long each time, up to `maxMs`,
 * and up to a tenth longer, so that many clients don't come back at once.
 */
export function backoffMs({ minMs, maxMs }: Backoff, failures: number, random: () => number): number {
  const plainMs = Math.min(maxMs, minMs * 2 ** Math.min(failures - 1, 30))
  return plainMs * (1 + random() * 0.1)
}

/** Longer waits than Node can time end early. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Waits that long, or until the signal ends it; never rejects. */
export function waitMs(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) {
      resolve()
      return
    }
    const finish = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', finish)
      resolve()
    }
    const timer = setTimeout(finish, Math.min(ms, MAX_TIMER_MS))
    signal.addEventListener('abort', finish, { once: true })
  })
}
