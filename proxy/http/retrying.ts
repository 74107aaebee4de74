import type { Outcome } from '#proxy/telemetry/telemetry.ts'
import type { BodySource } from './body.ts'
import { discardBody } from './discard-body.ts'
import type { HttpResponse } from './message.ts'
import type { ProxyError } from './proxy-error.ts'
import { MAX_REPLAY_BYTES, ReplayBody } from './replay-body.ts'
import type { Call } from './service.ts'

/** Sends requests again whose attempt ended in vain before anything of its response was passed on. */
export interface Retrier {
  /** Whether it will. `failure`: why no response came. */
  mayRetry(outcome: Outcome, failure: ProxyError | null): boolean
  /** It would have been asked, but the request is too large to be sent again. */
  notKept(outcome: Outcome, failure: ProxyError | null): void
  /** Said after `mayRetry` said yes, the failed attempt being over: it calls `forward`, or `answer`, now or later. */
  retry(): void
}

/** Lets the failed attempts of one request be made again, as long as its body is at hand: up to 64 KiB of it are kept. */
export class Retrying {
  private readonly replay: ReplayBody | null

  constructor(
    private readonly retrier: Retrier,
    body: BodySource,
  ) {
    const { framing } = body
    const isTooLarge = framing.kind === 'length' && framing.bytes > MAX_REPLAY_BYTES
    this.replay = isTooLarge ? null : new ReplayBody(body, MAX_REPLAY_BYTES)
  }

  /** What attempts send; `null`: the request's own body, once. */
  get body(): BodySource | null {
    return this.replay
  }

  /** Whether the request could be sent again. */
  get isPossible(): boolean {
    return this.replay?.canReplay === true
  }

  /** Whether the attempt that ended so is made again. */
  allows(outcome: Outcome, failure: ProxyError | null): boolean {
    if (this.isPossible) return this.retrier.mayRetry(outcome, failure)
    this.retrier.notKept(outcome, failure)
    return false
  }

  /** Makes the next attempt; of the one before, a `response` whose body was not read may be left. */
  again(response: HttpResponse | null, call: Call | null): void {
    const { replay } = this
    if (response !== null) {
      if (replay?.isWhole === true) discardBody(response.body)
      else call?.cancel()
    }
    replay?.rewind()
    this.retrier.retry()
  }
}
