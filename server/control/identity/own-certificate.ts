import type { Authority } from './authority.ts'
import { issueMemberCertificate, type MemberCertificate } from './member-certificate.ts'

/** A certificate that is replaced in time. */
export interface KeptCertificate {
  current(): MemberCertificate
  /** Calls back with each new one. Returns the way to stop. */
  subscribe(listener: (certificate: MemberCertificate) => void): () => void
  /** Safe twice. */
  close(): void
}

interface OwnCertificateOptions {
  readonly authority: Authority
  readonly identity: string
  readonly now: () => number
  readonly log: (level: 'info' | 'warn', message: string) => void
}

const renewAfterRatio = 0.7
const retryMs = 10_000
/** Timers hold 31 bits. */
const longestWaitMs = 2 ** 31 - 1

/**
 * A certificate for `identity`, its key in memory only, renewed with a new key after 70 % of its life until closed.
 * Rejects when the authority cannot sign the first one.
 */
export async function keepCertificate(options: OwnCertificateOptions): Promise<KeptCertificate> {
  const { identity, now, log } = options
  const listeners = new Set<(certificate: MemberCertificate) => void>()
  let current = await issueMemberCertificate(options.authority, identity)
  let closed = false
  let timer = setTimeout(renew, waitMs())

  function waitMs(): number {
    return Math.min(longestWaitMs, Math.max(0, (current.validUntilMs - now()) * renewAfterRatio))
  }
  function renew(): void {
    issueMemberCertificate(options.authority, identity).then(
      certificate => {
        if (closed) return
        current = certificate
        timer = setTimeout(renew, waitMs())
        for (const listener of listeners) listener(certificate)
      },
      (error: unknown) => {
        if (closed) return
        const why = error instanceof Error ? error.message : String(error)
        log('warn', `Cannot renew the certificate of ${identity}: ${why}`)
        timer = setTimeout(renew, retryMs)
      },
    )
  }

  return {
    current: () => current,
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      closed = true
      clearTimeout(timer)
      listeners.clear()
    },
  }
}
