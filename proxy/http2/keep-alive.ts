import type { Http2Session } from 'node:http2'

export interface KeepAliveOptions {
  readonly intervalMs: number
  readonly timeoutMs: number
}

/**
 * Asks the peer for a sign of life at each interval, and calls `silent` when it gives none in time. `tick` is called
 * before each question. Returns the way to stop.
 */
export function keepAlive(
  session: Http2Session,
  { intervalMs, timeoutMs }: KeepAliveOptions,
  { silent, tick }: { silent: () => void; tick: () => void },
): () => void {
  let late: ReturnType<typeof setTimeout> | undefined
  const interval = setInterval(() => {
    tick()
    if (session.destroyed) return
    clearTimeout(late)
    late = setTimeout(silent, timeoutMs)
    session.ping(() => clearTimeout(late))
  }, intervalMs)
  return () => {
    clearInterval(interval)
    clearTimeout(late)
  }
}
