import type { CertifyFailure, Identity } from '#proxy/identity/identity.ts'

/**
 * A probe that says why traffic cannot be served now; `null` when it can: while it is being served, and with a
 * certificate in force.
 */
export function createReadiness({
  identity,
  serving,
  nowMs,
}: {
  identity: Pick<Identity, 'current' | 'failure' | 'name'>
  serving: () => 'starting' | 'serving' | 'draining'
  nowMs: () => number
}): () => string | null {
  return () => {
    const served = serving()
    if (served === 'draining') return 'the proxy is draining'
    const certified = identity.current()
    if (certified === null) return `no certificate yet for ${identity.name}${tried(identity.failure())}`
    if (certified.expiresAtMs <= nowMs()) {
      const expiredAt = timeText(certified.expiresAtMs)
      return `the certificate of ${identity.name} has expired at ${expiredAt}${tried(identity.failure())}`
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
