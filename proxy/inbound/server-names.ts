/** Names that are told apart at a time. */
const MAX_NAMES = 64
const NAME = /^[\w.-]{1,253}$/
/** The label of a name beyond the bound, and of what is no name. */
const OTHER = 'other'

/**
 * The server names of TLS that is passed on, as labels: clients choose them, so that only so many are told apart. One
 * that nobody asked for in `retainIdleMs` leaves when another comes.
 */
export class ServerNames {
  /** When each was asked for last; those asked for longest ago come first. */
  private readonly askedAtMs = new Map<string, number>()

  constructor(private readonly retainIdleMs: number) {}

  /** The name itself, in lower case, or `other`. */
  label(serverName: string, nowMs: number): string {
    const name = serverName.toLowerCase()
    if (!this.askedAtMs.delete(name)) {
      this.forgetIdle(nowMs)
      if (this.askedAtMs.size >= MAX_NAMES || !NAME.test(name)) return OTHER
    }
    this.askedAtMs.set(name, nowMs)
    return name
  }

  private forgetIdle(nowMs: number): void {
    for (const [name, askedAtMs] of this.askedAtMs) {
      if (nowMs - askedAtMs < this.retainIdleMs) return
      this.askedAtMs.delete(name)
    }
  }
}
