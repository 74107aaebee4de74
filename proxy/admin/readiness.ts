import type { Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'

/**
 * A probe that says whether traffic can be served now: whether `isServing`, and with a certificate in force. The log
 * is told when a probe first finds the certificate expired, and when it is renewed.
 */
export function createReadiness({
  identity,
  isServing,
  log,
  nowMs,
}: {
  identity: Pick<Identity, 'current' | 'name'>
  isServing: () => boolean
  log: Log
  nowMs: () => number
}): () => boolean {
  let state: 'valid' | 'expired' = 'valid'
  return () => {
    if (!isServing()) return false
    const certified = identity.current()
    if (certified === null) return false
    const now = certified.expiresAtMs > nowMs() ? 'valid' : 'expired'
    if (now !== state) {
      state = now
      const details = { identity: identity.name, expiresAt: new Date(certified.expiresAtMs).toISOString() }
      if (now === 'expired') log.error('Not ready: the certificate has expired', details)
      else log.info('Ready again: the certificate was renewed', details)
    }
    return now === 'valid'
  }
}
