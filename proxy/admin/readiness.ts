import type { CertifyFailure, Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'

/**
 * A probe that says why traffic cannot be served now; `null` when it can: while it is being served, and with a
 * certificate in force. The log is told when a probe first finds the certificate expired, and when it is renewed.
 */
export function createReadiness({
  identity,
  serving,
  log,
  nowMs,
}: {
  identity: Pick<Identity, 'current' | 'failure' | 'name'>
  serving: () => 'starting' | 'serving' | 'draining'
  log: Log
  nowMs: () => number
}): () => string | null {
  let state: 'valid' | 'expired' = 'valid'
  return () => {
    const served = serving()
    if (served === 'draining') return 'the proxy is draining'
    const certified = identity.current()
    if (certified === null) return `no certificate yet for ${identity.name}${tried(identity.failure())}`
    const now = certified.expiresAtMs > nowMs() ? 'valid' : 'expired'
    const expiresAt = timeText(certified.expiresAtMs)
    if (now !== state) {
      state = now
      const details = { identity: identity.name, expiresAt }
      if (now === 'expired') log.error('Not ready: the certificate has expired', details)
      else log.info('Ready again: the certificate was renewed', details)
    }
    if (now === 'expired') {
      return `the certificate of ${identity.name} has expired at ${expiresAt}${tried(identity.failure())}`
    }
    return served === 'starting' ? 'the ports are being opened' : null
  }
}

function tried(failure: CertifyFailure | null): string {
  if (failure === null) return ''
  const { attempts, lastAtMs, message, nextAtMs, sinceMs } = failure
  const times = `attempts=${attempts} since=${timeText(sinceMs)} last=${timeText(lastAtMs)} next=${timeText(nextAtMs)}`
  return `\n${message.replaceAll(/\s+/g, ' ')}\n${times}`
}

function timeText(atMs: number): string {
  return new Date(atMs).toISOString()
}
