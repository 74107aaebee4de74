import type { Buffer } from 'node:buffer'
import type { BodySink, BodySource, Framing } from './body.ts'
import type { HeaderBlock } from './header-block.ts'

/** Told of what passes of a request and its response. */
export interface Passage {
  requestData(bytes: number): void
  /** The whole request went to the upstream; again for each attempt. */
  requestEnded(): void
  /** The response's head came. */
  responded(): void
  responseData(bytes: number): void
}

/** A request's body that says when its first frame passes, or its end without one, and tells of each piece and its end. */
export class CountedBody implements BodySource, BodySink {
  private sink: BodySink | null = null
  private isSeen = false

  constructor(
    readonly source: BodySource,
    private readonly firstFrame: () => void,
    private readonly passage: Passage | null,
  ) {}

  get framing(): Framing {
    return this.source.framing
  }

  get isTouched(): boolean {
    return this.source.isTouched
  }

  get payloadBytes(): number {
    return this.source.payloadBytes
  }

  start(sink: BodySink, chunkFraming: boolean): void {
    this.sink = sink
    this.source.start(this, chunkFraming)
  }

  resume(): void {
    this.source.resume()
  }

  cancel(): void {
    this.source.cancel()
  }

  data(chunk: Buffer): boolean {
    this.see()
    this.passage?.requestData(chunk.length)
    return this.sink?.data(chunk) ?? true
  }

  flush(): void {
    this.sink?.flush()
  }

  end(trailers: HeaderBlock | null): void {
    this.see()
    this.passage?.requestEnded()
    this.sink?.end(trailers)
  }

  abort(error: string): void {
    this.sink?.abort(error)
  }

  private see(): void {
    if (this.isSeen) return
    this.isSeen = true
    this.firstFrame()
  }
}
