import type { Buffer } from 'node:buffer'
import type { HttpMetrics, Outcome } from '#proxy/telemetry/telemetry.ts'
import type { BodySink } from './body.ts'
import { classify } from './classification.ts'
import { CountedBody } from './counted-body.ts'
import { type HeaderBlock, Known } from './header-block.ts'
import type { HttpRequest, HttpResponse } from './message.ts'
import { answerFor, answerSeen, type ProxyError, replyWithError } from './proxy-error.ts'
import { RESET_CANCEL, RESET_INTERNAL, type RequestTap, type TapEnd } from './request-tap.ts'
import type { Call, Exchange, Reply, ResponseReceiver, Upstream, UpstreamFailure } from './service.ts'

const BROKEN_OFF: TapEnd = { kind: 'reset', code: RESET_INTERNAL }
const LEFT: TapEnd = { kind: 'reset', code: RESET_CANCEL }

/** What a stack makes of the moments of its exchanges. */
export interface ForwardingOwner {
  /** No response came: returns whether the owner forwarded the request elsewhere. */
  failed(forwarding: Forwarding, failure: UpstreamFailure): boolean
  /** The proxy answered by itself. */
  answered(forwarding: Forwarding, error: ProxyError): void
  /** A head came: the owner may change its headers. */
  responded(response: HttpResponse): void
  /** The response's first body frame, or whatever came instead of it. Told once per request forwarded. */
  firstFrame(forwarding: Forwarding, elapsedMs: number): void
  /** Told once. */
  ended(forwarding: Forwarding): void
}

/** How the response's status is judged before the general rules: a route's classes. */
export interface StatusRule {
  isFailure(status: number): boolean | null
}

/**
 * One request from its head to its response's end: passes both bodies on, counts the request when its first
 * frame is seen and the response when it ends, however it ends.
 */
export class Forwarding implements Exchange, ResponseReceiver, BodySink {
  readonly startedMs = performance.now()
  /** When the request went onto a connection; before that, when it came. */
  sentMs = this.startedMs
  /** Counted where the request went; bound before `forward`. */
  metrics: HttpMetrics | null = null
  /** Counted for the route: each attempt, and what the client saw. */
  routeActual: HttpMetrics | null = null
  routeEffective: HttpMetrics | null = null
  rule: StatusRule | null = null
  /** `null`: nobody watches this request. */
  tap: RequestTap | null = null
  private call: Call | null = null
  private state: 'pending' | 'receiving' | 'ended' = 'pending'
  private isRequestCounted = false
  private firstFrameMs = -1
  private status = 0
  private grpcStatus: string | null = null

  constructor(
    readonly request: HttpRequest,
    private readonly reply: Reply,
    private readonly owner: ForwardingOwner,
    /** Whether the client may read why the proxy answers by itself. */
    private readonly informational: boolean,
  ) {}

  get isEnded(): boolean {
    return this.state === 'ended'
  }

  /** Sends the request; may be called again when `failed` is told. */
  forward(upstream: Upstream): void {
    const { request } = this
    if (request.body.framing.kind === 'none') this.countRequest()
    else if (!(request.body instanceof CountedBody)) {
      request.body = new CountedBody(request.body, () => this.countRequest())
    }
    const call = upstream.send(request, this)
    if (this.state !== 'ended') this.call = call
  }

  /** Answers before the request was let in: nothing of it is counted here, and the owner is not told. */
  refuse(error: ProxyError): void {
    this.state = 'ended'
    this.tellAnswer(error)
    replyWithError(this.reply, this.request, error, this.informational)
  }

  /** Gives the upstream up: answers with 504, or breaks off the answer that is under way. */
  timeOut(timeoutMs: number): void {
    if (this.state === 'ended') return
    const { call, reply, state } = this
    if (state === 'pending') {
      this.answer({ kind: 'timeout', message: `no answer within ${timeoutMs} ms` })
    } else {
      this.tap?.ended(this.request, BROKEN_OFF, null)
      this.finish({ status: this.status, failure: true, grpcStatus: '', error: 'timeout' })
      reply.abort('timeout')
    }
    call?.cancel()
  }

  /** Answers with an error of the proxy's own, counted when the request had an endpoint. */
  answer(error: ProxyError): void {
    if (this.state === 'ended') return
    const { status } = answerFor(error.kind)
    this.owner.answered(this, error)
    const { reply, request, informational } = this
    const label = error.kind === 'timeout' ? 'timeout' : ''
    this.tellAnswer(error)
    this.finish({ status, failure: status >= 500, grpcStatus: '', error: label })
    replyWithError(reply, request, error, informational)
  }

  sent(): void {
    this.sentMs = performance.now()
    this.tap?.sent(this.request)
  }

  interim(response: HttpResponse): void {
    this.reply.interim(response)
  }

  response(response: HttpResponse): void {
    this.state = 'receiving'
    this.status = response.status
    this.grpcStatus = this.request.isGrpc ? grpcStatusOf(response.headers) : null
    this.owner.responded(response)
    this.tap?.responded(response)
    this.reply.head(response)
    const opensTunnel =
      response.status === 101 || (this.request.method === 'CONNECT' && response.status < 300)
    if (opensTunnel) this.call?.tunnel(this.reply.tunnel())
    response.body.start(this, this.reply.acceptsChunkFraming)
  }

  failed(failure: UpstreamFailure): void {
    if (this.state !== 'pending') return
    this.call = null
    if (!this.owner.failed(this, failure)) this.answer(failure)
  }

  data(chunk: Buffer): boolean {
    if (this.firstFrameMs < 0) this.seeFirstFrame()
    return this.reply.data(chunk)
  }

  flush(): void {
    this.reply.flush()
  }

  end(trailers: HeaderBlock | null): void {
    if (this.state === 'ended') return
    if (this.grpcStatus === '' && trailers !== null) this.grpcStatus = grpcStatusOf(trailers)
    const { reply, rule, status } = this
    this.tap?.ended(this.request, { kind: 'whole', grpcStatus: this.grpcStatus }, trailers)
    // Before the reply ends: that may begin the connection's next request in the same record.
    this.finish(classify(status, this.grpcStatus, rule === null ? null : rule.isFailure(status)))
    reply.end(trailers)
  }

  abort(): void {
    if (this.state === 'ended') return
    this.tap?.ended(this.request, BROKEN_OFF, null)
    this.finish({ status: this.status, failure: true, grpcStatus: '', error: 'upstream closed' })
    this.reply.abort('upstream closed')
  }

  clientGone(): void {
    if (this.state === 'ended') return
    const { call } = this
    this.tap?.ended(this.request, LEFT, null)
    this.finish({ status: this.status || 499, failure: true, grpcStatus: '', error: 'client closed' })
    call?.cancel()
  }

  requestBroken(status: number): void {
    if (this.state === 'ended') return
    const { call, rule } = this
    const seen = this.status || status
    if (this.status === 0) this.tap?.answered(this.request, { status, grpcStatus: null })
    else this.tap?.ended(this.request, LEFT, null)
    const outcome = classify(seen, null, rule === null ? null : rule.isFailure(seen))
    this.finish({ ...outcome, error: 'bad request' })
    call?.cancel()
  }

  private tellAnswer(error: ProxyError): void {
    if (this.tap !== null) this.tap.answered(this.request, answerSeen(this.request, error))
  }

  private seeFirstFrame(): void {
    this.firstFrameMs = performance.now() - this.startedMs
    this.owner.firstFrame(this, this.firstFrameMs)
  }

  private countRequest(): void {
    if (this.isRequestCounted) return
    this.isRequestCounted = true
    this.metrics?.request()
    this.routeActual?.request()
    this.routeEffective?.request()
  }

  private finish(outcome: Outcome): void {
    this.state = 'ended'
    this.call = null
    this.countRequest()
    if (this.firstFrameMs < 0) this.seeFirstFrame()
    this.metrics?.response(outcome, this.firstFrameMs)
    this.routeActual?.response(outcome, this.firstFrameMs)
    this.routeEffective?.response(outcome, this.firstFrameMs)
    this.owner.ended(this)
  }
}

function grpcStatusOf(headers: HeaderBlock): string {
  const index = headers.find(Known.grpcStatus)
  return index < 0 ? '' : headers.valueAt(index)
}
