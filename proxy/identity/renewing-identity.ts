import { createSecureContext } from 'node:tls'
import type { Config } from '#proxy/config.ts'
import { backoffMs, waitMs } from '#proxy/control/backoff.ts'
import { createControlChannel } from '#proxy/control/control-channel.ts'
import type { Log } from '#proxy/log.ts'
import type { HttpMetrics } from '#proxy/telemetry/telemetry.ts'
import { parsePemBundle } from './certificate-chain.ts'
import { type CertifyOptions, certify } from './certify.ts'
import { loadCredentials } from './credentials.ts'
import { ExpiryWatch } from './expiry-watch.ts'
import type { Certified, CertifyFailure, Identity } from './identity.ts'
import { refreshInMs } from './refresh-time.ts'

/** At start the control plane may be a moment later than its proxies, and until then they serve nothing. */
const FIRST_RETRY_MS = 250
const MAX_RETRY_UNCERTIFIED_MS = 2000

export interface IdentityOptions {
  readonly config: Config['identity']
  readonly log: Log
  readonly nowMs: () => number
  readonly random: () => number
  /** Told of each certificate, and of each attempt that failed. */
  readonly telemetry: { certified(certified: { expiresAtMs: number }): void; certificateFailed(): void }
  /** Counts the calls of the control plane. */
  readonly calls?: HttpMetrics
}

/**
 * The proxy's identity, certified in the background and renewed after 70 % of each certificate's lifetime. Failures
 * are logged and retried for as long as it takes. Throws when key or trust anchors cannot be used.
 */
export async function startIdentity(options: IdentityOptions): Promise<Identity> {
  const { config, log, nowMs } = options
  const trustAnchors = parsePemBundle(config.trustAnchorsPem)
  const credentials = await loadCredentials(config.directory, config.localName)
  const anchorsOnly = createSecureContext({ ca: config.trustAnchorsPem, minVersion: 'TLSv1.3' })
  const channel = createControlChannel(config, () => anchorsOnly, options.calls ?? null)
  const stop = new AbortController()
  const expiry = new ExpiryWatch(config.localName, log, nowMs)
  let current: Certified | null = null
  let failure: CertifyFailure | null = null
  let becomeReady = (): void => {}
  const ready = new Promise<void>(resolve => {
    becomeReady = resolve
  })
  const ask: CertifyOptions = {
    channel,
    name: config.localName,
    credentials,
    tokenFile: config.tokenFile,
    trustAnchorsPem: config.trustAnchorsPem,
    trustAnchors,
    nowMs,
    signal: stop.signal,
  }
  const running = renewUntilStopped(ask, options, {
    certified(certified) {
      current = certified
      failure = null
      expiry.renewed(certified.expiresAtMs)
      becomeReady()
    },
    failed(next) {
      failure = next
    },
  })
  return {
    name: config.localName,
    current: () => current,
    failure: () => failure,
    ready,
    async close() {
      stop.abort()
      channel.close()
      await running
      expiry.close()
    },
  }
}

async function renewUntilStopped(
  ask: CertifyOptions,
  { config, log, nowMs, random, telemetry }: IdentityOptions,
  tell: { certified(certified: Certified): void; failed(failure: CertifyFailure): void },
): Promise<void> {
  let failures = 0
  let failingSinceMs = 0
  let expiresAtMs: number | null = null
  while (!ask.signal.aborted) {
    try {
      const certified = await certify(ask)
      failures = 0
      expiresAtMs = certified.expiresAtMs
      tell.certified(certified)
      telemetry.certified(certified)
      const inMs = refreshInMs(expiresAtMs, nowMs(), config)
      log.info('Certified', {
        identity: config.localName,
        ...expiry(expiresAtMs),
        renewalInMs: Math.round(inMs),
      })
      await waitMs(inMs, ask.signal)
    } catch (error) {
      if (ask.signal.aborted) return
      failures++
      const lastAtMs = nowMs()
      if (failures === 1) failingSinceMs = lastAtMs
      telemetry.certificateFailed()
      const maxMs =
        expiresAtMs === null ? Math.min(MAX_RETRY_UNCERTIFIED_MS, config.minRefreshMs) : config.minRefreshMs
      const inMs = backoffMs({ minMs: Math.min(FIRST_RETRY_MS, maxMs), maxMs }, failures, random)
      const why = error instanceof Error ? error.message : String(error)
      const message = `No certificate from ${config.host}:${config.port}: ${why}`
      tell.failed({
        attempts: failures,
        sinceMs: failingSinceMs,
        lastAtMs,
        nextAtMs: lastAtMs + Math.round(inMs),
        message,
      })
      log.warn(message, {
        attempt: failures,
        retryInMs: Math.round(inMs),
        ...(expiresAtMs === null ? {} : expiry(expiresAtMs)),
      })
      await waitMs(inMs, ask.signal)
    }
  }
}

function expiry(expiresAtMs: number): { expiresAt: string } {
  return { expiresAt: new Date(expiresAtMs).toISOString() }
}
