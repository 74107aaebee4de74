import { Buffer } from 'node:buffer'
import type { Http2Stream } from 'node:http2'
import { type BodySink, type BodySource, type Framing, NO_BODY } from '#proxy/http/body.ts'
import { type HeaderBlock, Known } from '#proxy/http/header-block.ts'
import { blockFor, fillHeaders, type RawFields } from './read-fields.ts'

const CRLF = Buffer.from('\r\n', 'latin1')

/** What a body asks of the connection it comes from. */
export interface StreamBodyOwner {
  /** Whether the connection is gone: Node then tells of ends that never came. */
  readonly isBroken: boolean
  /** The rest is not wanted. */
  bodyCancelled(): void
  /** Nothing more comes, and the sink knows. */
  bodyEnded(): void
}

/**
 * The body that a stream brings. What its sink does not take stays with the peer: the stream's window is not opened
 * before it is read. Its owner breaks it off when the stream closes before its end.
 */
export class StreamBody implements BodySource {
  isTouched = false
  payloadBytes = 0
  private state: 'waiting' | 'flowing' | 'resting' | 'done' = 'waiting'
  private sink: BodySink | null = null
  private addsChunkFraming = false
  private isHeard = false
  private trailers: HeaderBlock | null = null

  constructor(
    private readonly stream: Http2Stream,
    readonly framing: Framing,
    private readonly owner: StreamBodyOwner,
  ) {
    if (framing.kind === 'none') return
    // They may come while what is before them still waits to be taken.
    stream.on('trailers', (_: unknown, __: number, fields: RawFields) => {
      this.trailers = blockFor(fields)
      if (!fillHeaders(this.trailers, '', fields)) this.trailers = null
    })
  }

  get isDone(): boolean {
    return this.state === 'done'
  }

  start(sink: BodySink, chunkFraming: boolean): void {
    if (this.state === 'done' || this.isTouched) return
    this.sink = sink
    this.addsChunkFraming = chunkFraming && this.framing.kind === 'chunked'
    this.state = 'flowing'
    if (this.framing.kind === 'none') {
      this.finish()
      return
    }
    if (!this.isHeard) {
      this.isHeard = true
      this.stream.on('data', chunk => this.give(chunk as Buffer))
      this.stream.on('end', () => this.ended())
    }
    this.stream.resume()
  }

  resume(): void {
    if (this.state !== 'resting') return
    this.state = 'flowing'
    this.stream.resume()
  }

  cancel(): void {
    if (this.state === 'done') return
    this.state = 'done'
    this.sink = null
    this.stream.pause()
    this.owner.bodyCancelled()
  }

  /** The stream is closed: tells the sink, if the body's end was not told. */
  break(error: string): void {
    if (this.state === 'done') return
    const { sink } = this
    this.state = 'done'
    this.sink = null
    sink?.abort(error)
  }

  private give(chunk: Buffer): void {
    const { sink } = this
    if (sink === null || chunk.length === 0) return
    this.isTouched = true
    this.payloadBytes += chunk.length
    let goesOn: boolean
    if (this.addsChunkFraming) {
      sink.data(Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1'))
      sink.data(chunk)
      goesOn = sink.data(CRLF)
    } else goesOn = sink.data(chunk)
    sink.flush()
    if (goesOn || this.state !== 'flowing') return
    this.state = 'resting'
    this.stream.pause()
  }

  private ended(): void {
    const { framing, owner, payloadBytes, stream } = this
    const isShort = framing.kind === 'length' && payloadBytes < framing.bytes
    if (owner.isBroken || stream.rstCode !== 0) return
    if (isShort) {
      this.break('closed early')
      owner.bodyEnded()
    } else this.finish()
  }

  private finish(): void {
    if (this.state === 'done') return
    const { sink } = this
    this.state = 'done'
    this.sink = null
    sink?.end(this.trailers)
    this.owner.bodyEnded()
  }
}

/** How much a message announced in its fields; `unknown`: how a body of which they say nothing ends. */
export function framingOf(headers: HeaderBlock, isEmpty: boolean, unknown: Framing): Framing {
  if (isEmpty) return NO_BODY
  const index = headers.find(Known.contentLength)
  return index < 0 ? unknown : { kind: 'length', bytes: Number(headers.valueAt(index)) }
}
