import type { SecureContext } from 'node:tls'

/** The certificate in use. A renewal makes a new one; connections keep the one they began with. */
export interface Certified {
  readonly server: SecureContext
  readonly client: SecureContext
  readonly expiresAtMs: number
}

/** Attempts in a row to get a certificate that failed. */
export interface CertifyFailure {
  readonly attempts: number
  readonly sinceMs: number
  readonly lastAtMs: number
  readonly nextAtMs: number
  /** Why the last one did. */
  readonly message: string
}

/** Who this proxy is, proven by its certificate. */
export interface Identity {
  /** The DNS-like name in the certificate's SAN. */
  readonly name: string
  /** `null` until the control plane has certified this proxy for the first time. */
  current(): Certified | null
  /** `null` while the last attempt succeeded, or before the first one ended. */
  failure(): CertifyFailure | null
  /** Resolves once there is a certificate. */
  readonly ready: Promise<void>
  close(): Promise<void>
}
