import { Buffer } from 'node:buffer'
import type { BodySource } from '#proxy/http/body.ts'
import { EMPTY_BODY } from '#proxy/http/body.ts'
import type { HeaderBlock } from '#proxy/http/header-block.ts'
import type { HttpResponse } from '#proxy/http/message.ts'
import type { Reply } from '#proxy/http/service.ts'
import { encodeLastChunk, encodeResponseHead, encodeSynthetic, type WireFraming } from './encode-head.ts'
import type { SocketWriter } from './socket-writer.ts'

/** What a reply needs of the connection it goes out on. */
export interface ReplyOwner {
  readonly writer: SocketWriter
  /** The request was HTTP/1.0: no chunks, no 1xx. */
  readonly isHttp10: boolean
  readonly isHead: boolean
  readonly isConnect: boolean
  /** Nothing of the request's body is left to read. */
  readonly isRequestRead: boolean
  /** The Connection header of the response to come. */
  connectionHeader(willClose: boolean): string
  /** The reply is whole; `close`: the connection is to end with it. */
  replyEnded(close: boolean): void
  /** What was sent is not whole, and the peer must see that: `endsWithConnection`, by nothing but the connection. */
  replyBroken(endsWithConnection: boolean): void
  openTunnel(): BodySource
}

const CRLF = Buffer.from('\r\n', 'latin1')

/** Writes one response. Spent once it ended, so a late call cannot reach the next response. */
export class Http1Reply implements Reply {
  private owner: ReplyOwner | null
  private framing: WireFraming = 'as given'
  private isChunkedOut = false
  private closesAfter = false
  private source: BodySource = EMPTY_BODY
  isBegun = false

  constructor(owner: ReplyOwner) {
    this.owner = owner
  }

  get acceptsChunkFraming(): boolean {
    return this.owner !== null && !this.owner.isHttp10
  }

  /** Calls after this do nothing. */
  detach(): void {
    this.owner = null
  }

  /** The socket takes bytes again. */
  drained(): void {
    if (this.owner !== null && this.isBegun) this.source.resume()
  }

  interim(response: HttpResponse): void {
    if (this.owner === null || this.owner.isHttp10) return
    this.owner.writer.write(encodeResponseHead(response, 'as given', ''))
    this.owner.writer.flush()
  }

  head(response: HttpResponse): void {
    const { owner } = this
    if (owner === null) return
    this.isBegun = true
    this.source = response.body
    const body = response.body.framing.kind
    const isTunnel = response.status === 101 || (owner.isConnect && response.status < 300)
    if (!isTunnel && !owner.isHead) {
      if (body === 'close') this.framing = owner.isHttp10 ? 'close' : 'chunked'
      else if (body === 'chunked' && owner.isHttp10) this.framing = 'close'
    }
    this.isChunkedOut = this.framing === 'chunked' || (body === 'chunked' && this.framing === 'as given')
    this.closesAfter = this.framing === 'close' || isTunnel
    owner.writer.write(
      encodeResponseHead(response, this.framing, isTunnel ? '' : owner.connectionHeader(this.closesAfter)),
    )
  }

  data(chunk: Buffer): boolean {
    const { owner } = this
    if (owner === null) return true
    if (this.framing !== 'chunked') return owner.writer.write(chunk)
    owner.writer.write(Buffer.from(`${chunk.length.toString(16)}\r\n`, 'latin1'))
    owner.writer.write(chunk)
    return owner.writer.write(CRLF)
  }

  flush(): void {
    this.owner?.writer.flush()
  }

  end(trailers: HeaderBlock | null): void {
    const { owner } = this
    if (owner === null) return
    this.owner = null
    if (this.isChunkedOut) owner.writer.write(encodeLastChunk(trailers))
    owner.writer.flush()
    owner.replyEnded(this.closesAfter)
  }

  abort(): void {
    const { owner } = this
    if (owner === null) return
    this.owner = null
    owner.replyBroken(this.closesAfter)
  }

  synthetic(status: number, headers: string, close: boolean): void {
    const { owner } = this
    if (owner === null) return
    this.owner = null
    this.isBegun = true
    const ends = close || !owner.isRequestRead
    owner.writer.write(encodeSynthetic(status, headers, owner.connectionHeader(ends)))
    owner.writer.flush()
    owner.replyEnded(ends)
  }

  tunnel(): BodySource {
    return this.owner?.openTunnel() ?? EMPTY_BODY
  }
}
