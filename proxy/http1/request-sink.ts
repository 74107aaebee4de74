import type { Buffer } from 'node:buffer'
import type { BodySink, BodySource } from '#proxy/http/body.ts'
import type { HeaderBlock } from '#proxy/http/header-block.ts'
import { encodeLastChunk } from './encode-head.ts'
import type { SocketWriter } from './socket-writer.ts'

/** The connection that a request goes out on. */
export interface RequestOwner {
  readonly writer: SocketWriter
  outgoingEnded(sink: RequestSink): void
  outgoingBroken(sink: RequestSink): void
}

/** Writes a request's body; detached when the request is over before it. */
export class RequestSink implements BodySink {
  private connection: RequestOwner | null

  constructor(
    connection: RequestOwner,
    readonly source: BodySource,
  ) {
    this.connection = connection
  }

  detach(): void {
    this.connection = null
  }

  data(chunk: Buffer): boolean {
    return this.connection?.writer.write(chunk) ?? true
  }

  flush(): void {
    this.connection?.writer.flush()
  }

  end(trailers: HeaderBlock | null): void {
    const { connection } = this
    this.connection = null
    if (connection === null) return
    if (this.source.framing.kind === 'chunked') connection.writer.write(encodeLastChunk(trailers))
    connection.outgoingEnded(this)
  }

  abort(): void {
    const { connection } = this
    this.connection = null
    connection?.outgoingBroken(this)
  }
}
