import type { Buffer } from 'node:buffer'
import { type BodySink, type BodySource, type Framing, NO_BODY } from '#proxy/http/body.ts'
import { HeaderBlock } from '#proxy/http/header-block.ts'
import { ChunkScanner } from './chunk-scanner.ts'
import type { Fault } from './header-lines.ts'

/** What a body asks of the connection it comes from. */
export interface BodyOwner {
  /** The body can take bytes now: hands over those at hand, reads on. */
  bodyWants(): void
  /** The sink asked for a rest. */
  bodyRests(): void
  bodyCancelled(): void
}

/**
 * The body of the message that a connection reads now. `waiting` until it is started; its owner feeds it only
 * while `flowing`. Reused from message to message.
 */
export class MessageBody implements BodySource {
  state: 'waiting' | 'flowing' | 'resting' | 'done' = 'done'
  framing: Framing = NO_BODY
  isTouched = false
  payloadBytes = 0
  fault: Fault | null = null
  private remaining = 0
  private sink: BodySink | null = null
  private keepsChunkFraming = false
  private chunks: ChunkScanner | null = null

  constructor(
    private readonly owner: BodyOwner,
    private readonly maxTrailerBytes: number,
  ) {}

  begin(framing: Framing): void {
    this.framing = framing
    this.isTouched = false
    this.payloadBytes = 0
    this.fault = null
    this.sink = null
    this.state = 'waiting'
    this.remaining = framing.kind === 'length' ? framing.bytes : 0
    if (framing.kind === 'chunked') {
      this.chunks ??= new ChunkScanner(new HeaderBlock(), this.maxTrailerBytes)
      this.chunks.reset()
    }
  }

  /** Whether no byte of it is left to read, though its end may not have been told. */
  get isEmpty(): boolean {
    return this.framing.kind === 'none' || (this.framing.kind === 'length' && this.remaining === 0)
  }

  start(sink: BodySink, chunkFraming: boolean): void {
    if (this.state === 'done' || this.isTouched) return
    this.sink = sink
    this.keepsChunkFraming = chunkFraming
    this.state = 'flowing'
    if (this.isEmpty) this.finish(null)
    else {
      this.owner.bodyWants()
      this.sink?.flush()
    }
  }

  resume(): void {
    if (this.state !== 'resting') return
    this.state = 'flowing'
    this.owner.bodyWants()
  }

  cancel(): void {
    if (this.state === 'done') return
    this.sink = null
    this.state = 'done'
    this.owner.bodyCancelled()
  }

  /** Hands over bytes; returns where it stopped: past its end, or where it rests. -1 when `fault` refuses them. */
  feed(bytes: Buffer, from: number, to: number): number {
    let at = from
    while (at < to && this.state === 'flowing') {
      switch (this.framing.kind) {
        case 'none':
          return at
        case 'close':
          this.payloadBytes += to - at
          this.give(bytes, at, to)
          at = to
          break
        case 'length': {
          const end = Math.min(to, at + this.remaining)
          this.remaining -= end - at
          this.payloadBytes += end - at
          this.give(bytes, at, end)
          at = end
          if (this.remaining === 0) this.finish(null)
          break
        }
        case 'chunked':
          at = this.feedChunks(bytes, at, to)
          if (at < 0) return -1
          break
      }
    }
    this.sink?.flush()
    return at
  }

  /** The connection's bytes are over. Returns whether the body was whole by then. */
  sourceEnded(): boolean {
    if (this.state === 'done') return true
    if (this.framing.kind !== 'close') return false
    this.finish(null)
    return true
  }

  /** The connection broke: tells the sink, if the body's end was not told. */
  break(error: string): void {
    if (this.state === 'done') return
    const sink = this.sink
    this.sink = null
    this.state = 'done'
    sink?.abort(error)
  }

  private feedChunks(bytes: Buffer, from: number, to: number): number {
    const chunks = this.chunks
    if (chunks === null) return from
    const at = chunks.scan(bytes, from, to, this.keepsChunkFraming)
    if (chunks.fault !== null) {
      this.fault = chunks.fault
      return -1
    }
    this.payloadBytes = chunks.payloadBytes
    if (chunks.carried.length > 0) this.give(chunks.carried, 0, chunks.carried.length)
    if (chunks.dataEnd > chunks.dataStart) this.give(bytes, chunks.dataStart, chunks.dataEnd)
    if (chunks.isDone) this.finish(chunks.trailers)
    return at
  }

  private give(bytes: Buffer, from: number, to: number): void {
    this.isTouched = true
    const isAll = from === 0 && to === bytes.length
    const goesOn = this.sink?.data(isAll ? bytes : bytes.subarray(from, to)) ?? true
    if (!goesOn && this.state === 'flowing') {
      this.state = 'resting'
      this.owner.bodyRests()
    }
  }

  private finish(trailers: HeaderBlock | null): void {
    if (this.state === 'done') return
    const sink = this.sink
    this.sink = null
    this.state = 'done'
    sink?.end(trailers)
  }
}
