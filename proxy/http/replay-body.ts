import { Buffer } from 'node:buffer'
import type { BodySink, BodySource, Framing } from './body.ts'
import { HeaderBlock } from './header-block.ts'

/** As much of a body is kept to be sent again. */
export const MAX_REPLAY_BYTES = 64 * 1024

const CRLF = Buffer.from('\r\n', 'latin1')

/**
 * A request's body that can be handed over more than once: what passes is kept, up to `maxBytes`. Each `start` begins
 * anew for another sink, with what is kept first. A body that turns out larger passes on, and cannot be replayed.
 */
export class ReplayBody implements BodySource, BodySink {
  /** What came so far; `null`: too much to be kept. */
  private kept: Buffer[] | null = []
  private keptBytes = 0
  private trailers: HeaderBlock | null = null
  private state: 'new' | 'flowing' | 'whole' | 'aborted' = 'new'
  private sink: BodySink | null = null
  private addsChunkFraming = false
  /** How many of the kept pieces the sink has. */
  private given = 0
  private isResting = false

  constructor(
    private readonly source: BodySource,
    private readonly maxBytes: number,
  ) {}

  get framing(): Framing {
    return this.source.framing
  }

  /** Of the present sink. */
  get isTouched(): boolean {
    return this.kept === null || this.given > 0
  }

  get payloadBytes(): number {
    return this.source.payloadBytes
  }

  /** Whether all that came so far is still at hand. */
  get canReplay(): boolean {
    return this.kept !== null && this.state !== 'aborted'
  }

  /** Whether all of it came. */
  get isWhole(): boolean {
    return this.state === 'whole'
  }

  /** Takes the body from its sink: what comes until the next `start` is kept for that one. */
  rewind(): void {
    this.sink = null
    this.given = 0
    this.isResting = false
  }

  start(sink: BodySink, chunkFraming: boolean): void {
    if (!this.canReplay) return
    this.rewind()
    this.sink = sink
    this.addsChunkFraming = chunkFraming && this.framing.kind === 'chunked'
    if (this.state === 'new') {
      this.state = 'flowing'
      this.source.start(this, false)
    } else this.goOn()
  }

  resume(): void {
    this.isResting = false
    this.goOn()
  }

  cancel(): void {
    this.source.cancel()
  }

  data(chunk: Buffer): boolean {
    if (this.kept === null) return this.give(chunk)
    this.kept.push(Buffer.from(chunk))
    this.keptBytes += chunk.length
    return this.pump()
  }

  flush(): void {
    this.sink?.flush()
  }

  end(trailers: HeaderBlock | null): void {
    this.state = 'whole'
    if (this.kept === null) this.finish(trailers)
    else {
      this.trailers = trailers === null ? null : copyOf(trailers)
      this.pump()
      this.finishWhole()
    }
  }

  abort(error: string): void {
    this.state = 'aborted'
    const { sink } = this
    this.sink = null
    sink?.abort(error)
  }

  private goOn(): void {
    const wantsMore = this.pump()
    this.sink?.flush()
    if (this.state === 'whole') this.finishWhole()
    else if (wantsMore) this.source.resume()
  }

  private finishWhole(): void {
    if (this.given === this.kept?.length) this.finish(this.trailers)
  }

  /** Hands over what is kept and was not; returns whether the sink has all of it and wants more. */
  private pump(): boolean {
    const { kept, sink } = this
    if (kept === null) return !this.isResting
    if (sink === null) return false
    while (!this.isResting && this.given < kept.length) {
      this.isResting = !this.give(kept[this.given++] as Buffer)
      if (this.sink !== sink) return false
    }
    const hasAll = this.given === kept.length
    if (hasAll && this.keptBytes > this.maxBytes) this.kept = null
    return hasAll && !this.isResting
  }

  private give(chunk: Buffer): boolean {
    const { sink } = this
    if (sink === null) return true
    if (!this.addsChunkFraming) return sink.data(chunk)
    sink.data(Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1'))
    sink.data(chunk)
    return sink.data(CRLF)
  }

  private finish(trailers: HeaderBlock | null): void {
    const { sink } = this
    this.sink = null
    sink?.end(trailers)
  }
}

function copyOf(headers: HeaderBlock): HeaderBlock {
  const copy = new HeaderBlock()
  copy.bytes = Buffer.from(headers.bytes)
  copy.count = headers.count
  copy.end = headers.end
  copy.added = headers.added
  copy.nameStarts.set(headers.nameStarts)
  copy.nameEnds.set(headers.nameEnds)
  copy.valueStarts.set(headers.valueStarts)
  copy.valueEnds.set(headers.valueEnds)
  copy.known.set(headers.known)
  return copy
}
