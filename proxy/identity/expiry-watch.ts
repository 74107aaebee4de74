import type { Log } from '#proxy/log.ts'

/** The longest that a timer of Node's waits. */
const LONGEST_WAIT_MS = 2 ** 31 - 1

/** Tells the log when the certificate in use expires before there is a new one, and when there is one after that. */
export class ExpiryWatch {
  private state: 'in force' | 'expired' = 'in force'
  private timer: ReturnType<typeof setTimeout> | null = null

  constructor(
    private readonly identity: string,
    private readonly log: Log,
    private readonly nowMs: () => number,
  ) {}

  /** Another certificate is in use from now on. */
  renewed(expiresAtMs: number): void {
    this.close()
    if (this.state === 'expired') this.log.info('The certificate was renewed', this.details(expiresAtMs))
    this.state = 'in force'
    this.wait(expiresAtMs)
  }

  close(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }

  private wait(expiresAtMs: number): void {
    const leftMs = expiresAtMs - this.nowMs()
    if (leftMs > 0) {
      this.timer = setTimeout(() => this.wait(expiresAtMs), Math.min(leftMs, LONGEST_WAIT_MS))
      return
    }
    this.state = 'expired'
    const what = 'The certificate has expired: other proxies refuse this one until it is renewed'
    this.log.error(what, this.details(expiresAtMs))
  }

  private details(expiresAtMs: number) {
    return { identity: this.identity, expiresAt: new Date(expiresAtMs).toISOString() }
  }
}
