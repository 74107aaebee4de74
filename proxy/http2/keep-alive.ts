import type { Http2Session } from 'node:http2'
import { patientTimeout } from '#proxy/patient-timeout.ts'

export interface KeepAliveOptions {
  readonly intervalMs: number
  readonly timeoutMs: number
  /** Whether connections without a request are asked; left out: they are. */
  readonly whileIdle?: boolean
}

/**
 * Asks the peer for a sign of life at each interval, and calls `silent` when it gives none in time. `tick` is called
 * before each question. Returns the way to stop.
 */
export function keepAlive(
  session: Http2Session,
  { intervalMs, timeoutMs, whileIdle = true }: KeepAliveOptions,
  { isIdle = () => false, silent, tick }: { isIdle?: () => boolean; silent: () => void; tick: () => void },
): () => void {
  let stopWaiting: (() => void) | null = null
  const heard = () => {
    stopWaiting?.()
    stopWaiting = null
  }
  const interval = setInterval(() => {
    tick()
    if (session.destroyed || stopWaiting !== null || (!whileIdle && isIdle())) return
    stopWaiting = patientTimeout(silent, timeoutMs)
    session.ping(heard)
  }, intervalMs)
  return () => {
    clearInterval(interval)
    heard()
  }
}
