import type { RequestTap } from '#proxy/http/request-tap.ts'
import type { Telemetry } from '#proxy/telemetry/telemetry.ts'
import { OpenTap, type OpenTapOptions } from './open-tap.ts'
import type { TapDescription } from './tap-messages.ts'
import { TappedRequest } from './tapped-request.ts'

/** Observers at a time. */
const MAX_TAPS = 16
const BASES = 2 ** 32

/** The taps that are open now. A request looks only at `isActive`, until someone observes. */
export class Taps {
  isActive = false
  private open: readonly OpenTap[] = []
  private nextBase = 0

  constructor(private readonly telemetry: Telemetry) {}

  /** A tap that sees the requests that begin from now on; `null` when there are too many. Ended by `remove`. */
  add(options: Pick<OpenTapOptions, 'limit' | 'matches' | 'wantsHeaders'>): OpenTap | null {
    if (this.open.length >= MAX_TAPS) return null
    const base = this.nextBase
    this.nextBase = (base + 1) % BASES
    const tap = new OpenTap({ ...options, base, count: result => this.telemetry.tapEvent(result) })
    this.set([...this.open, tap])
    return tap
  }

  remove(tap: OpenTap): void {
    tap.close()
    this.set(this.open.filter(one => one !== tap))
  }

  /** What tells today's taps of a request that begins now. `describe` is called once, when it goes on or is answered. */
  watch(describe: () => TapDescription): RequestTap {
    return new TappedRequest(this.open, describe)
  }

  /** Ends all taps. */
  close(): void {
    for (const tap of this.open) tap.close()
    this.set([])
  }

  private set(open: readonly OpenTap[]): void {
    this.open = open
    this.isActive = open.length > 0
  }
}
