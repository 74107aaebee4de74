import type { Buffer } from 'node:buffer'
import { type ClientHttp2Stream, constants, type OutgoingHttpHeaders } from 'node:http2'
import { type BodySink, UNTIL_CLOSE } from '#proxy/http/body.ts'
import type { HeaderBlock } from '#proxy/http/header-block.ts'
import { isIdempotent } from '#proxy/http/idempotent.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import { RESET_CANCEL, RESET_REFUSED, resetLabel } from '#proxy/http/reset-code.ts'
import type { Call, ResponseReceiver, UpstreamFailure } from '#proxy/http/service.ts'
import type { ClientSession } from './client-session.ts'
import { ORIG_PROTO, originOf } from './orig-proto.ts'
import { type RawFields, readResponse } from './read-fields.ts'
import { framingOf, StreamBody, type StreamBodyOwner } from './stream-body.ts'
import { requestFields, trailerFields } from './write-fields.ts'

export interface CallOwner {
  /** Finds the call a connection, now or later. */
  serve(): void
  /** The call waits no longer. */
  forget(): void
}

/** How often a request is sent whose stream the peer refused. */
const MAX_SENDINGS = 3

/** One request on its way over HTTP/2. */
export class Http2Call implements Call, StreamBodyOwner {
  private session: ClientSession | null = null
  private stream: ClientHttp2Stream | null = null
  private outgoing: OutgoingBody | null = null
  private body: StreamBody | null = null
  private sendings = 0
  private state: 'waiting' | 'sent' | 'receiving' | 'over' = 'waiting'

  constructor(
    private readonly request: HttpRequest,
    private readonly receiver: ResponseReceiver,
    private readonly owner: CallOwner,
  ) {}

  use(session: ClientSession): void {
    if (this.state === 'over') return
    const { receiver, request } = this
    this.sendings++
    this.session = session
    this.state = 'sent'
    receiver.sent()
    const fields = requestFields(request)
    if (!request.isHttp2) fields[ORIG_PROTO] = originOf(request)
    const endStream = request.body.framing.kind === 'none'
    // Whether trailers come or not: without, Node ends a stream before it resets it, and what broke off looks whole.
    const stream = session.request(fields, { endStream, waitForTrailers: !endStream })
    this.stream = stream
    stream.on('headers', (_: unknown, __: number, raw: RawFields) => receiver.interim(readResponse(raw)))
    stream.on('response', (_: unknown, flags: number, raw: RawFields) =>
      this.responded(stream, raw, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0),
    )
    stream.on('close', () => this.closed(stream))
    if (endStream) return
    this.outgoing = new OutgoingBody(session, stream)
    request.body.start(this.outgoing, false)
    const { body } = request
    stream.on('drain', () => body.resume())
  }

  fail(failure: UpstreamFailure): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.receiver.failed(failure)
  }

  cancel(): void {
    if (this.state === 'over') return
    const { session, state, stream } = this
    this.state = 'over'
    this.outgoing?.detach()
    if (state === 'waiting') this.owner.forget()
    else if (stream !== null) session?.reset(stream, RESET_CANCEL)
  }

  get isBroken(): boolean {
    return this.session?.isBroken === true
  }

  bodyCancelled(): void {
    const { stream } = this
    if (stream !== null) this.session?.reset(stream, RESET_CANCEL)
  }

  /** There is none over HTTP/2. */
  tunnel(): void {}

  private responded(stream: ClientHttp2Stream, raw: RawFields, isEmpty: boolean): void {
    if (this.state !== 'sent') return
    this.state = 'receiving'
    const response = readResponse(raw)
    if (!this.request.isHttp2) response.headers.removeAll(ORIG_PROTO)
    const framing = framingOf(response.headers, isEmpty, UNTIL_CLOSE)
    const body = new StreamBody(stream, framing, this)
    response.body = body
    this.body = body
    this.receiver.response(response)
    if (framing.kind === 'none') this.bodyEnded()
  }

  /** The response is whole, and told. What is left of the request is not wanted. */
  bodyEnded(): void {
    const { stream } = this
    if (stream === null || this.state !== 'receiving' || this.isBroken || stream.rstCode !== 0) return
    this.state = 'over'
    if (this.outgoing?.isDone !== false) return
    this.outgoing.detach()
    this.session?.reset(stream, RESET_CANCEL)
  }

  private closed(stream: ClientHttp2Stream): void {
    if (this.stream !== stream || this.state === 'over') return
    const { body, isBroken, outgoing, state } = this
    const code = stream.rstCode
    outgoing?.detach()
    if (state === 'receiving') {
      this.state = 'over'
      body?.break(isBroken ? 'upstream closed' : resetLabel(code))
      return
    }
    if (this.mayBeSentAgain(code, isBroken)) {
      this.state = 'waiting'
      this.owner.serve()
    } else if (isBroken) this.fail({ kind: 'broken', message: 'upstream closed' })
    else this.fail({ kind: 'reset', code, message: `upstream reset the stream with ${resetLabel(code)}` })
  }

  /**
   * The peer says that it did nothing; or doing it twice does no harm, and a connection was closed that was kept alive,
   * or a new one of a proxy.
   */
  private mayBeSentAgain(code: number, isBroken: boolean): boolean {
    const { body, method } = this.request
    if (body.isTouched || this.sendings >= MAX_SENDINGS) return false
    if (code === RESET_REFUSED) return true
    if (!isBroken || body.framing.kind !== 'none' || !isIdempotent(method)) return false
    const { session } = this
    return session !== null && (session.requests > 1 || (session.isOfProxy && this.sendings === 1))
  }
}

/** Writes a request's body to its stream; detached when the request is over before it. */
class OutgoingBody implements BodySink {
  isDone = false
  private stream: ClientHttp2Stream | null
  private trailers: OutgoingHttpHeaders = {}

  constructor(
    private readonly session: ClientSession,
    stream: ClientHttp2Stream,
  ) {
    this.stream = stream
    stream.on('wantTrailers', () => stream.sendTrailers(this.trailers))
  }

  detach(): void {
    this.stream = null
  }

  data(chunk: Buffer): boolean {
    return this.stream?.writable === true ? this.stream.write(chunk) : true
  }

  flush(): void {}

  end(trailers: HeaderBlock | null): void {
    const { stream } = this
    this.isDone = true
    this.stream = null
    if (stream === null) return
    this.trailers = trailerFields(trailers)
    stream.end()
  }

  abort(): void {
    const { session, stream } = this
    this.stream = null
    if (stream !== null) session.reset(stream, RESET_CANCEL)
  }
}
