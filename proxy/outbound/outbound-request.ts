import type { FoundRoute } from '#lib/policy/find-route.ts'
import type { RetryPolicy } from '#lib/policy/outbound-policy.ts'
import type { Route } from '#lib/profile/route-table.ts'
import type { TapAddress } from '#lib/tap/tap-match.ts'
import type { ServiceBackend, ServiceRoute, ServiceRule } from '#proxy/discovery/discovery.ts'
import type { Passage } from '#proxy/http/counted-body.ts'
import { outcomeOfError } from '#proxy/http/error-outcome.ts'
import { Forwarding, type ForwardingOwner } from '#proxy/http/forwarding.ts'
import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import { answerFor, type ProxyError } from '#proxy/http/proxy-error.ts'
import type { Retrier } from '#proxy/http/retrying.ts'
import type { Exchange, Reply, UpstreamFailure } from '#proxy/http/service.ts'
import { applyFilters } from '#proxy/policy/apply-filters.ts'
import type { TapDescription } from '#proxy/tap/tap-messages.ts'
import type { BodyMetrics, Outcome, PolicyRouteMetrics, RetryMetrics } from '#proxy/telemetry/telemetry.ts'
import type { AuthorityStack, Waiter } from './authority-stack.ts'
import { describeOutbound } from './describe-outbound.ts'
import type { EgressHost } from './egress.ts'
import { EndpointChoice } from './endpoint-choice.ts'
import type { EndpointClient } from './endpoint-client.ts'
import type { OutboundContext } from './outbound-context.ts'
import { isRetryable, retryBackoffMs } from './policy-retry.ts'
import { overridden, type RequestOverrides } from './request-overrides.ts'
import { RequestTimers } from './request-timers.ts'

/** Of one request, so that it cannot spend the budget of all when everything fails. */
const MAX_RETRIES = 10

/** What a client asks for by headers of its request. */
export interface AskedByClient {
  /** The identity it demands of the endpoint; `null`: whatever discovery says. */
  readonly requiredId: string | null
  /** How to send the request, where its route allows to ask; `null`: as that says. */
  readonly overrides: RequestOverrides | null
}

/**
 * One request's way: waits for its destination, takes its route, is sent to an endpoint, and to another if that cannot be
 * reached, or if it fails and its route lets it be retried.
 */
export class OutboundRequest implements Exchange, ForwardingOwner, Passage, Retrier, Waiter {
  readonly protocol = 'http'
  private readonly forwarding: Forwarding
  private client: EndpointClient | null = null
  private route: Route | null = null
  private retryMetrics: RetryMetrics | null = null
  /** The policy's route, where no ServiceProfile says. */
  private found: FoundRoute<ServiceRoute> | null = null
  /** The backend of it that the attempt goes to. */
  private backend: ServiceBackend | null = null
  /** Which attempts are retried under the policy. */
  private policy: RetryPolicy | null = null
  private policyMetrics: PolicyRouteMetrics | null = null
  private retries = 0
  /** For its destination. */
  private waitedMs = 0
  private readonly endpoints: EndpointChoice
  private readonly timers = new RequestTimers()
  private responseTimeoutMs: number | null = null
  private idleTimeoutMs: number | null = null
  private lastDataMs = 0
  /** Of the backend that the attempt goes to. */
  private backendMetrics: BodyMetrics | null = null

  constructor(
    private readonly context: OutboundContext,
    private readonly stack: AuthorityStack,
    private readonly request: HttpRequest,
    reply: Reply,
    private readonly source: TapAddress,
    private readonly asked: AskedByClient,
    /** Where the request goes when no service has its name; `null`: nowhere. */
    private readonly outside: (() => EgressHost) | null,
  ) {
    this.endpoints = new EndpointChoice(stack, asked.requiredId)
    this.forwarding = new Forwarding(request, reply, this, context.config.informationalHeaders)
    if (context.taps.isActive) this.forwarding.tap = context.taps.watch(() => this.describe())
  }

  start(): void {
    this.stack.enter(this)
  }

  ready(): void {
    const { forwarding, request, stack } = this
    this.waitedMs = performance.now() - forwarding.startedMs
    const { routes } = stack
    if (routes !== null) {
      const route = routes.match(request.method, request.path)
      const metrics = stack.metricsOf(route)
      this.route = route
      forwarding.rule = route
      forwarding.routeEffective = metrics?.effective ?? null
      forwarding.routeActual = metrics?.actual ?? null
      request.headers.add('l5d-dst-canonical', routes.authority)
      stack.retryBudget.deposit(performance.now())
      if (route.isRetryable) {
        this.retryMetrics = metrics?.retries ?? null
        forwarding.retryWith(this)
      }
      const { timeoutMs } = route
      if (timeoutMs !== null)
        this.timers.set('request', timeoutMs, () => forwarding.timeOut('request', timeoutMs))
    } else if (stack.policy !== null && !this.takeRoute()) return
    this.attempt()
  }

  fail(error: ProxyError): void {
    if (error.kind === 'unresolved' && this.outside !== null) {
      const { metrics, upstream } = this.outside()
      this.forwarding.metrics = metrics
      this.forwarding.forward(upstream)
      return
    }
    const { found, stack } = this
    if (found !== null || stack.routes !== null || stack.policy === null) this.forwarding.answer(error)
    // Its route counts it, and may have it try again.
    else if (this.takeRoute()) this.unsent(error)
  }

  /** No endpoint takes the attempt. */
  private unsent(error: ProxyError): void {
    const { forwarding, policy } = this
    const isRetried =
      policy !== null && forwarding.mayBeRetried && this.mayRetry(outcomeOfError(error, null), error)
    if (isRetried) this.retry()
    else forwarding.answer(error)
  }

  clientGone(): void {
    this.stack.stopWaiting(this)
    this.forwarding.clientGone()
  }

  requestBroken(status: number): void {
    this.stack.stopWaiting(this)
    this.forwarding.requestBroken(status)
  }

  failed(_: Forwarding, failure: UpstreamFailure): boolean {
    const { client } = this
    if (client === null || failure.kind === 'broken' || failure.kind === 'load-shed') return false
    const nowMs = performance.now()
    client.connectFailed(nowMs)
    const next = this.endpoints.unreachable(client) ? this.choose() : undefined
    if (next === undefined) return false
    this.send(next)
    return true
  }

  mayRetry(outcome: Outcome, failure: ProxyError | null): boolean {
    if (failure?.kind === 'load-shed') return false
    const { policy, retries } = this
    if (policy !== null) {
      if (!isRetryable(policy, outcome, failure)) return false
      if (retries < policy.maxRetries) return true
      this.policyMetrics?.retryLimitExceeded()
      return false
    }
    if (!outcome.failure || retries >= MAX_RETRIES) return false
    const isAllowed = this.stack.retryBudget.withdraw(performance.now())
    if (isAllowed) this.retryMetrics?.retried()
    else this.retryMetrics?.skipped()
    return isAllowed
  }

  notKept(outcome: Outcome, failure: ProxyError | null): void {
    const { policy, policyMetrics } = this
    if (policy !== null && isRetryable(policy, outcome, failure)) policyMetrics?.retryOverflowed()
  }

  requestData(bytes: number): void {
    this.policyMetrics?.effective.frame(bytes)
    this.sawData()
  }

  requestEnded(): void {
    const { forwarding, responseTimeoutMs, timers } = this
    if (responseTimeoutMs === null) return
    timers.set('response', responseTimeoutMs, () => forwarding.timeOut('response', responseTimeoutMs))
  }

  responseData(bytes: number): void {
    this.backendMetrics?.frame(bytes)
    this.sawData()
  }

  retry(): void {
    const { context, forwarding } = this
    this.retries++
    this.endpoints.failed(this.client)
    this.client = null
    this.timers.clear('attempt')
    this.policyMetrics?.retried()
    this.sawData()
    if (context.taps.isActive) forwarding.tap = context.taps.watch(() => this.describe())
    const backoff = this.policy?.backoff
    if (backoff === undefined) this.attempt()
    else {
      const waitMs = retryBackoffMs(backoff, this.retries, context.random)
      this.timers.set('backoff', waitMs, () => this.attempt())
    }
  }

  answered(_: Forwarding, error: ProxyError): void {
    this.context.telemetry.outboundHttpError(answerFor(error.kind).label)
    this.context.log.warn('Request failed', { authority: this.authority, error: error.message })
  }

  /** A head came. */
  responded(): void {
    this.sawData()
  }

  passes(response: HttpResponse): void {
    response.headers.removeAll('l5d-proxy-connection')
  }

  ended(_: Forwarding, { failure }: Outcome): void {
    this.timers.clearAll()
    if (this.retries > 0 && !failure) this.policyMetrics?.retrySucceeded()
    this.stack.leave(performance.now())
    this.context.inFlight.leave()
  }

  private get authority(): string {
    return this.stack.destination.authority
  }

  private describe(): TapDescription {
    const { client, retries, route, source } = this
    return describeOutbound({
      source,
      endpoint: client?.endpoint ?? null,
      routeLabels: route?.labels ?? {},
      attempt: retries + 1,
    })
  }

  /** Returns whether the request goes on: a route takes it, and does not answer by itself. */
  private takeRoute(): boolean {
    const { context, request, stack } = this
    const found = stack.find(request)
    if (found === null) {
      this.forwarding.answer({
        kind: 'route-not-found',
        message: `no route of ${this.authority} takes the request`,
      })
      return false
    }
    const { overrides } = this.asked
    const { rule } = found
    this.found = found
    this.follow(overrides !== null && rule.allowsRequestHeaders ? overridden(rule, overrides) : rule)
    const answer = applyFilters(request, found, context.random)
    if (answer !== null) this.forwarding.answer(answer)
    return answer === null
  }

  private follow(rule: ServiceRule): void {
    const { forwarding, stack, timers } = this
    const { idleTimeoutMs, requestTimeoutMs, responseTimeoutMs, retry } = rule
    const first = rule.backends[0]
    const metrics = first === undefined ? null : stack.metricsOfBackend(first)
    this.policyMetrics = metrics
    forwarding.routeEffective = metrics?.effective ?? null
    if (requestTimeoutMs !== null) {
      timers.set('request', requestTimeoutMs, () => forwarding.timeOut('request', requestTimeoutMs))
    }
    this.responseTimeoutMs = responseTimeoutMs
    this.idleTimeoutMs = idleTimeoutMs
    this.sawData()
    if (idleTimeoutMs !== null) this.endWhenIdle(idleTimeoutMs, idleTimeoutMs)
    forwarding.passage = this
    if (retry === null) return
    this.policy = retry
    forwarding.retryWith(this)
  }

  private sawData(): void {
    if (this.idleTimeoutMs !== null) this.lastDataMs = performance.now()
  }

  /** One timer that looks again, rather than one for each piece of data. */
  private endWhenIdle(timeoutMs: number, lookInMs: number): void {
    this.timers.set('idle', lookInMs, () => {
      const leftMs = this.lastDataMs + timeoutMs - performance.now()
      if (leftMs > 0) this.endWhenIdle(timeoutMs, Math.ceil(leftMs))
      else this.forwarding.timeOut('idle', timeoutMs)
    })
  }

  private attempt(): void {
    const { found, request, stack } = this
    if (found !== null && !stack.has(found.rule)) this.found = stack.find(request)
    const client = this.choose()
    if (client === undefined) {
      const kind = this.asked.requiredId === null ? 'failfast' : 'identity'
      this.unsent({ kind, message: `no endpoint of ${this.authority} fits the request` })
      return
    }
    this.send(client)
  }

  private choose(): EndpointClient | undefined {
    return this.endpoints.choose(this.found?.rule ?? null)
  }

  /** Returns the answer of the backend's own filters; `null`: the request goes on. */
  private enterBackend(backend: ServiceBackend): ProxyError | null {
    const { context, forwarding, found, request, stack } = this
    this.backendMetrics = stack.metricsOfBackend(backend).actual
    forwarding.routeActual = this.backendMetrics
    if (backend === this.backend) return null
    this.backend = backend
    forwarding.responseEdits = [...(found?.rule.responseEdits ?? []), ...backend.responseEdits]
    return applyFilters(request, { match: found?.match ?? null, rule: backend }, context.random)
  }

  private send(client: EndpointClient): void {
    const spec = this.endpoints.target?.spec ?? null
    const answer = spec === null ? null : this.enterBackend(spec)
    if (answer !== null) {
      this.forwarding.answer(answer)
      return
    }
    this.client = client
    this.endpoints.target?.backend.balancers.http.requested(this.waitedMs)
    this.waitedMs = 0
    client.began()
    client.requested(performance.now())
    const attemptMs = Math.min(
      this.policy?.attemptTimeoutMs ?? Number.POSITIVE_INFINITY,
      spec?.timeoutMs ?? Number.POSITIVE_INFINITY,
    )
    if (attemptMs < Number.POSITIVE_INFINITY) {
      this.timers.set('attempt', attemptMs, () => this.forwarding.attemptTimeOut(attemptMs))
    }
    this.forwarding.metrics = client.metrics
    this.forwarding.forward(client.upstream, client)
  }
}
