import type { Buffer } from 'node:buffer'
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { type BodySource, CHUNKED, EMPTY_BODY } from '#proxy/http/body.ts'
import type { HeaderBlock } from '#proxy/http/header-block.ts'
import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import { RESET_INTERNAL, resetCodeOf } from '#proxy/http/reset-code.ts'
import type { Exchange, Reply, Service } from '#proxy/http/service.ts'
import { NO_DATE } from './session-options.ts'
import { framingOf, StreamBody, type StreamBodyOwner } from './stream-body.ts'
import { fieldsOfLines, responseFields, trailerFields } from './write-fields.ts'

/** The highest that HTTP knows, and that node:http2 sends. */
const HIGHEST_STATUS = 599

/** The connection that a stream belongs to. */
export interface ServerStreamOwner {
  readonly isBroken: boolean
  /** The client gave up a request that was under way. */
  streamLeft(): void
}

/** One request of an HTTP/2 connection, and its answer. */
export class ServerStream implements Reply, StreamBodyOwner {
  readonly acceptsChunkFraming = false
  isBegun = false
  private readonly body: StreamBody
  private source: BodySource = EMPTY_BODY
  private exchange: Exchange | null = null
  private state: 'open' | 'ended' | 'broken' = 'open'
  private trailers: OutgoingHttpHeaders | null = null

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly connection: ServerStreamOwner,
    request: HttpRequest,
    /** What the response says of the HTTP/1 version it came in; `null` for a request that was HTTP/2 all along. */
    private readonly versionField:
      | ((response: HttpResponse) => readonly [name: string, value: string])
      | null,
  ) {
    this.body = new StreamBody(stream, framingOf(request.headers, stream.endAfterHeaders, CHUNKED), this)
    request.body = this.body
    stream.on('drain', () => {
      if (this.state === 'open') this.source.resume()
    })
    stream.on('wantTrailers', () => this.sendTrailers())
    stream.on('close', () => this.closed())
  }

  get isBroken(): boolean {
    return this.connection.isBroken
  }

  /** What is left of the request stays with the client until the answer is whole. */
  bodyCancelled(): void {}

  bodyEnded(): void {}

  serve(service: Service, request: HttpRequest): void {
    const exchange = service.handle(request, this)
    if (this.state === 'open') this.exchange = exchange
  }

  interim(response: HttpResponse): void {
    if (!this.isWritable) return
    this.stream.additionalHeaders(responseFields(response))
  }

  head(response: HttpResponse): void {
    this.isBegun = true
    this.source = response.body
    if (!this.isWritable) return
    if (response.status > HIGHEST_STATUS) {
      this.stream.close(RESET_INTERNAL)
      return
    }
    const fields = responseFields(response)
    if (this.versionField !== null) {
      const [name, value] = this.versionField(response)
      fields[name] = value
    }
    const endStream = response.body.framing.kind === 'none'
    // Whether trailers come or not: without, Node ends a stream before it resets it, and what broke off looks whole.
    this.stream.respond(fields, { endStream, waitForTrailers: !endStream, ...NO_DATE })
  }

  data(chunk: Buffer): boolean {
    return this.isWritable && this.stream.writable ? this.stream.write(chunk) : true
  }

  flush(): void {}

  end(trailers: HeaderBlock | null): void {
    if (this.state !== 'open') return
    this.state = 'ended'
    this.exchange = null
    this.trailers = trailerFields(trailers)
    this.stream.end()
    if (this.source.framing.kind === 'none') this.closeIfUnread()
  }

  abort(error: string): void {
    if (this.state !== 'open') return
    this.state = 'broken'
    this.exchange = null
    this.stream.close(resetCodeOf(error) ?? RESET_INTERNAL)
  }

  synthetic(status: number, headers: string, close: boolean): void {
    if (this.state !== 'open') return
    this.isBegun = true
    this.state = 'ended'
    this.exchange = null
    if (this.stream.closed || this.stream.destroyed) return
    const fields = fieldsOfLines(status, headers)
    if (this.versionField !== null && close) fields['l5d-proxy-connection'] = 'close'
    this.stream.respond(fields, { endStream: true, ...NO_DATE })
    this.closeIfUnread()
  }

  /** There is none over HTTP/2: requests that ask for one are refused before. */
  tunnel(): BodySource {
    return EMPTY_BODY
  }

  private get isWritable(): boolean {
    return this.state === 'open' && !this.stream.closed && !this.stream.destroyed
  }

  private sendTrailers(): void {
    this.stream.sendTrailers(this.trailers ?? {})
    // After the trailers, which leave by an immediate too.
    setImmediate(() => this.closeIfUnread())
  }

  /** An answer that came before the request's end: what is left of that is not wanted (RFC 9113, 8.1). */
  private closeIfUnread(): void {
    if (!this.stream.endAfterHeaders && !this.stream.readableEnded) this.stream.close()
  }

  private closed(): void {
    const { exchange, state } = this
    this.exchange = null
    if (state === 'open') {
      this.state = 'broken'
      this.connection.streamLeft()
      exchange?.clientGone()
    }
    this.body.break('client closed')
  }
}
