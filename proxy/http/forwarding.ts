import type { Buffer } from 'node:buffer'
import type { HeaderEdit } from '#lib/policy/policy-route.ts'
import type { HttpMetrics, Outcome } from '#proxy/telemetry/telemetry.ts'
import { Attempt, type AttemptObserver } from './attempt.ts'
import type { BodySink } from './body.ts'
import { classify } from './classification.ts'
import { CountedBody, type Passage } from './counted-body.ts'
import { outcomeOfError, type StatusRule } from './error-outcome.ts'
import { type HeaderBlock, Known } from './header-block.ts'
import { changeResponseHeaders } from './header-change.ts'
import type { HttpRequest, HttpResponse } from './message.ts'
import { answerFor, answerSeen, type ProxyError, replyWithError, type Timeout } from './proxy-error.ts'
import type { RequestTap, TapEnd } from './request-tap.ts'
import { RESET_CANCEL, RESET_INTERNAL, resetCodeOf, resetLabel } from './reset-code.ts'
import { type Retrier, Retrying } from './retrying.ts'
import type { Call, Exchange, Reply, ResponseReceiver, Upstream, UpstreamFailure } from './service.ts'

const BROKEN_OFF: TapEnd = { kind: 'reset', code: RESET_INTERNAL }
const LEFT: TapEnd = { kind: 'reset', code: RESET_CANCEL }

/** What a stack makes of the moments of its exchanges. */
export interface ForwardingOwner {
  /** The request could not be sent: returns whether the owner forwarded it elsewhere. */
  failed(forwarding: Forwarding, failure: UpstreamFailure): boolean
  /** The proxy answered by itself. */
  answered(forwarding: Forwarding, error: ProxyError): void
  /** A head is passed on: the owner may change its headers. */
  passes(response: HttpResponse): void
  /** Told once, with what the client saw. */
  ended(forwarding: Forwarding, outcome: Outcome): void
}

/**
 * One request from its head to its response's end: the exchange with the client, of as many attempts as it took.
 * Passes both bodies on, counts each attempt where it went, and the exchange as the client saw it, however it ends.
 */
export class Forwarding implements Exchange, ResponseReceiver, BodySink {
  readonly startedMs = performance.now()
  /** Counts attempts where they go; bound before `forward`. */
  metrics: HttpMetrics | null = null
  /** Count for the route: each attempt, and what the client saw. */
  routeActual: HttpMetrics | null = null
  routeEffective: HttpMetrics | null = null
  rule: StatusRule | null = null
  passage: Passage | null = null
  /** Done to the headers of the response that is passed on. */
  responseEdits: readonly HeaderEdit[] = []
  /** Watches the attempt under way, or the next one; `null`: nobody does. */
  tap: RequestTap | null = null
  private retrying: Retrying | null = null
  private attempt: Attempt | null = null
  private call: Call | null = null
  /** `held`: a head came that is not passed on before it is known whether the attempt failed. */
  private state: 'pending' | 'held' | 'receiving' | 'ended' = 'pending'
  private heldResponse: HttpResponse | null = null
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

  /** Whether a retrier could send it again. */
  get mayBeRetried(): boolean {
    return this.retrying?.isPossible === true
  }

  /**
   * Has failed attempts retried by `retrier`, before the first `forward`. Keeps the request's body for it, up to 64 KiB; a
   * request that has a larger one, or leaves HTTP, is sent once.
   */
  retryWith(retrier: Retrier): void {
    const { body, isUpgrade, method } = this.request
    if (!isUpgrade && method !== 'CONNECT') this.retrying = new Retrying(retrier, body)
  }

  /** Sends the request; may be called again when `failed` is told, and by a retrier. */
  forward(upstream: Upstream, observer: AttemptObserver | null = null): void {
    const { request } = this
    const attempt = new Attempt(this.metrics, this.routeActual, observer)
    this.attempt = attempt
    const { body } = request
    const source = this.retrying?.body ?? (body instanceof CountedBody ? body.source : body)
    request.body =
      source.framing.kind === 'none'
        ? source
        : new CountedBody(source, () => this.countRequest(), this.passage)
    const call = upstream.send(request, this)
    if (this.attempt === attempt && !this.isEnded) this.call = call
  }

  /** Answers before the request was let in: nothing of it is counted here, and the owner is not told. */
  refuse(error: ProxyError): void {
    this.state = 'ended'
    this.tellAnswer(error)
    replyWithError(this.reply, this.request, error, this.informational)
  }

  /** Gives the attempt up if its response has not begun: it is sent again, or answered with 504. */
  attemptTimeOut(timeoutMs: number): void {
    if (this.state !== 'pending' || this.attempt === null) return
    const { call } = this
    const message = `no response within ${timeoutMs} ms`
    const failure: ProxyError = { kind: 'timeout', message, timeout: 'response-headers' }
    const isRetried = this.sendAgain(this.outcomeOf(failure), { failure })
    if (!isRetried) this.answer(failure)
    call?.cancel()
  }

  /** Gives the upstream up: answers with 504, or breaks off the answer that is under way. */
  timeOut(timeout: Timeout, timeoutMs: number): void {
    if (this.state === 'ended') return
    const { call, reply, state } = this
    const message = `no ${timeout === 'idle' ? 'data' : 'answer'} within ${timeoutMs} ms`
    const error: ProxyError = { kind: 'timeout', message, timeout }
    if (state === 'receiving') {
      this.tap?.ended(this.request, BROKEN_OFF, null)
      this.finish({ ...outcomeOfError(error, null), status: this.status })
      reply.abort('timeout')
    } else this.answer(error)
    call?.cancel()
  }

  /** Answers with an error of the proxy's own, counted when the request had an endpoint. */
  answer(error: ProxyError): void {
    if (this.state === 'ended') return
    this.owner.answered(this, error)
    const { reply, request, informational } = this
    this.tellAnswer(error)
    this.finish(this.outcomeOf(error))
    replyWithError(reply, request, error, informational)
  }

  sent(): void {
    if (this.attempt !== null) this.attempt.sentMs = performance.now()
    if (this.request.body.framing.kind === 'none') {
      this.countRequest()
      this.passage?.requestEnded()
    }
    this.tap?.sent(this.request)
  }

  interim(response: HttpResponse): void {
    this.reply.interim(response)
  }

  response(response: HttpResponse): void {
    this.attempt?.responded()
    this.passage?.responded()
    this.status = response.status
    this.grpcStatus = this.request.isGrpc ? grpcStatusOf(response.headers) : null
    if (this.retrying !== null) {
      if (this.grpcStatus === '' && this.mayBeRetried) {
        // Of gRPC the end tells what the head does not; a response that fails at once has nothing before it.
        this.state = 'held'
        this.heldResponse = response
        response.body.start(this, this.reply.acceptsChunkFraming)
        return
      }
      if (this.sendAgain(this.outcome(), { response })) return
    }
    this.pass(response)
    response.body.start(this, this.reply.acceptsChunkFraming)
  }

  failed(failure: UpstreamFailure): void {
    if (this.state !== 'pending') return
    this.call = null
    const { attempt } = this
    if (this.owner.failed(this, failure)) {
      attempt?.dropped(performance.now())
      return
    }
    if (this.sendAgain(this.outcomeOf(failure), { failure })) return
    if (failure.kind === 'reset' && this.request.isHttp2) this.passReset(failure)
    else this.answer(failure)
  }

  data(chunk: Buffer): boolean {
    if (this.heldResponse !== null) this.pass(this.heldResponse)
    this.passage?.responseData(chunk.length)
    if (this.firstFrameMs < 0) this.seeFirstFrame(performance.now())
    return this.reply.data(chunk)
  }

  flush(): void {
    if (this.state === 'receiving') this.reply.flush()
  }

  end(trailers: HeaderBlock | null): void {
    if (this.state === 'ended') return
    if (this.grpcStatus === '' && trailers !== null) this.grpcStatus = grpcStatusOf(trailers)
    const outcome = this.outcome()
    const { heldResponse, reply } = this
    if (heldResponse !== null) {
      if (this.sendAgain(outcome, {})) return
      this.pass(heldResponse)
    }
    this.tap?.ended(this.request, { kind: 'whole', grpcStatus: this.grpcStatus }, trailers)
    // Before the reply ends: that may begin the connection's next request in the same record.
    this.finish(outcome)
    reply.end(trailers)
  }

  abort(error: string): void {
    if (this.state === 'ended') return
    const code = resetCodeOf(error)
    if (this.state === 'held') {
      this.heldResponse = null
      this.state = 'pending'
      const message = code === null ? 'upstream closed' : `upstream reset the stream: ${error}`
      this.failed(code === null ? { kind: 'broken', message } : { kind: 'reset', code, message })
      return
    }
    this.breakOff(this.status, code === null ? 'upstream closed' : error)
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

  private outcome(): Outcome {
    const { grpcStatus, rule, status } = this
    return classify(status, grpcStatus, rule === null ? null : rule.isFailure(status))
  }

  private outcomeOf(error: ProxyError | UpstreamFailure): Outcome {
    return outcomeOfError(error, this.rule)
  }

  private pass(response: HttpResponse): void {
    this.state = 'receiving'
    this.heldResponse = null
    for (const edit of this.responseEdits) changeResponseHeaders(response, edit)
    this.owner.passes(response)
    this.tap?.responded(response)
    this.reply.head(response)
    const opensTunnel =
      response.status === 101 || (this.request.method === 'CONNECT' && response.status < 300)
    if (opensTunnel) this.call?.tunnel(this.reply.tunnel())
  }

  /**
   * Returns whether the retrier takes over: then the attempt is over. `failure`: no response came; `response`: one whose
   * body is still to be read; with neither, the response is over too.
   */
  private sendAgain(
    outcome: Outcome,
    { failure = null, response = null }: { failure?: ProxyError | null; response?: HttpResponse | null },
  ): boolean {
    const { attempt, call, heldResponse, request, retrying, tap } = this
    if (attempt === null || retrying?.allows(outcome, failure) !== true) return false
    const seen = response ?? heldResponse
    if (seen === null) tap?.answered(request, { status: outcome.status, grpcStatus: null })
    else {
      tap?.responded(seen)
      tap?.ended(request, { kind: 'whole', grpcStatus: this.grpcStatus }, null)
    }
    attempt.finish(outcome, performance.now())
    this.attempt = null
    this.call = null
    this.heldResponse = null
    this.state = 'pending'
    this.status = 0
    retrying.again(response, call)
    return true
  }

  /** An upstream's reset stays one for a client that speaks HTTP/2: its code says whether to try again. */
  private passReset(failure: UpstreamFailure & { kind: 'reset' }): void {
    this.owner.answered(this, failure)
    this.breakOff(answerFor(failure.kind).status, resetLabel(failure.code))
  }

  private breakOff(status: number, error: string): void {
    this.tap?.ended(this.request, { kind: 'reset', code: resetCodeOf(error) ?? RESET_INTERNAL }, null)
    this.finish({ status, failure: true, grpcStatus: '', error })
    this.reply.abort(error)
  }

  private tellAnswer(error: ProxyError): void {
    if (this.tap !== null) this.tap.answered(this.request, answerSeen(this.request, error))
  }

  private seeFirstFrame(nowMs: number): void {
    this.firstFrameMs = nowMs - this.startedMs
    this.attempt?.firstFrame(nowMs)
  }

  private countRequest(): void {
    this.attempt?.countRequest()
    if (this.isRequestCounted) return
    this.isRequestCounted = true
    this.routeEffective?.request()
  }

  private finish(outcome: Outcome): void {
    this.state = 'ended'
    this.call = null
    const nowMs = performance.now()
    this.countRequest()
    if (this.firstFrameMs < 0) this.seeFirstFrame(nowMs)
    this.attempt?.finish(outcome, nowMs)
    this.routeEffective?.response(outcome, this.firstFrameMs, nowMs - this.startedMs)
    this.owner.ended(this, outcome)
  }
}

function grpcStatusOf(headers: HeaderBlock): string {
  const index = headers.find(Known.grpcStatus)
  return index < 0 ? '' : headers.valueAt(index)
}
