import type { TapEvent } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { TapFacts, TapMatch } from '#lib/tap/tap-match.ts'
import type { TapResult } from '#proxy/telemetry/telemetry.ts'
import { headerBytes } from './tap-messages.ts'

/** Events that wait for one observer, with those still to come of the requests it was told of. */
const MAX_EVENTS = 600
/** Bytes of their headers and paths: no request begins to be told above; the answers of those that did still add theirs. */
const MAX_BYTES = 4 * 1024 * 1024
/** Its begin, its response's head and its end. */
const EVENTS_OF_A_REQUEST = 3

export interface OpenTapOptions {
  /** Tells the streams of one observer from those of others. */
  readonly base: number
  /** Requests told at most. */
  readonly limit: number
  readonly matches: TapMatch
  readonly wantsHeaders: boolean
  readonly count: (result: TapResult) => void
}

/**
 * What one observer asked for, and the events on their way to it. A request is told whole or not at all: one is left
 * out, and counted, when there would be no room for its three events; it takes a number, so that the gap tells of it.
 */
export class OpenTap {
  readonly base: number
  readonly wantsHeaders: boolean
  private readonly options: OpenTapOptions
  private readonly queue: TapEvent[] = []
  private queuedBytes = 0
  private state: 'open' | 'closed' = 'open'
  private told = 0
  /** Events still to come of the requests told. */
  private owed = 0
  private wake: (() => void) | null = null

  constructor(options: OpenTapOptions) {
    this.options = options
    this.base = options.base
    this.wantsHeaders = options.wantsHeaders
  }

  /** The request's number, from 0, when it is to be told: then `push` its events. */
  accept(facts: TapFacts): number | null {
    const { count, limit, matches } = this.options
    if (this.state === 'closed' || !matches(facts)) return null
    if (this.told >= limit) {
      count('limit')
      return null
    }
    const waiting = this.queue.length + this.owed
    if (waiting + EVENTS_OF_A_REQUEST > MAX_EVENTS || this.queuedBytes >= MAX_BYTES) {
      count('buffer')
      this.told++
      return null
    }
    this.owed += EVENTS_OF_A_REQUEST
    return this.told++
  }

  push(event: TapEvent): void {
    this.owed--
    if (this.state === 'closed') this.options.count('closed')
    else {
      this.queue.push(event)
      this.queuedBytes += headerBytes(event)
    }
    this.wakeUp()
  }

  /** A request ended with fewer events than it might have had. */
  spare(events: number): void {
    this.owed -= events
    this.wakeUp()
  }

  /** The events as they come, until all requests up to the limit are told or the tap is closed. Ends the tap. */
  async *events(): AsyncGenerator<TapEvent> {
    try {
      while (this.state === 'open') {
        const event = this.queue.shift()
        if (event !== undefined) {
          this.queuedBytes -= headerBytes(event)
          this.options.count('sent')
          yield event
        } else if (this.told >= this.options.limit && this.owed === 0) return
        else
          await new Promise<void>(resolve => {
            this.wake = resolve
          })
      }
    } finally {
      this.close()
    }
  }

  /** Tells no more. Safe twice. */
  close(): void {
    this.state = 'closed'
    for (const _ of this.queue.splice(0)) this.options.count('closed')
    this.wakeUp()
  }

  private wakeUp(): void {
    const { wake } = this
    this.wake = null
    wake?.()
  }
}
