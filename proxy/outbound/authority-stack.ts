import type { Route, RouteTable } from '#lib/profile/route-table.ts'
import type { RetryBudget as BudgetSettings } from '#lib/resources/service-profile.ts'
import { chooseEndpoint } from '#proxy/balance/choose-endpoint.ts'
import { DEFAULT_RETRY_BUDGET, isSameBudget, RetryBudget } from '#proxy/balance/retry-budget.ts'
import type { Destination, Endpoint } from '#proxy/discovery/discovery.ts'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import type { HttpMetrics, RetryMetrics } from '#proxy/telemetry/telemetry.ts'
import { EndpointClient, isSameEndpoint } from './endpoint-client.ts'
import type { OutboundContext } from './outbound-context.ts'

/** A request that waits for its destination to be known. */
export interface Waiter {
  ready(): void
  fail(error: ProxyError): void
}

export interface RouteMetrics {
  readonly effective: HttpMetrics
  readonly actual: HttpMetrics
  readonly retries: RetryMetrics
}

/** Whether requests can go out now. */
export type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly error: ProxyError }

/**
 * All there is for one authority: its watch, its endpoints with their connections, its routes, and the requests
 * that wait. At most `queueCapacity` wait; when nothing is ready for the failfast timeout, all of them fail, and
 * new ones at once, until something is.
 */
export class AuthorityStack {
  routes: RouteTable | null = null
  /** What requests of retryable routes share. */
  retryBudget = new RetryBudget(DEFAULT_RETRY_BUDGET, performance.now())
  lastUsedMs = 0
  private clients = new Map<string, EndpointClient>()
  private candidates: readonly EndpointClient[] = []
  private routeMetrics = new WeakMap<Route, RouteMetrics>()
  private readiness: Readiness = { kind: 'waiting' }
  private waiters = new Set<Waiter>()
  private timer: ReturnType<typeof setTimeout> | null = null
  private readonly unsubscribe: () => void
  private using = 0

  constructor(
    private readonly context: OutboundContext,
    readonly destination: Destination,
  ) {
    this.unsubscribe = destination.subscribe(() => this.update())
    this.update()
  }

  get isIdle(): boolean {
    return this.using === 0
  }

  /** One more request; each needs a `leave`. */
  enter(): Readiness {
    this.using++
    return this.readiness
  }

  leave(nowMs: number): void {
    this.using--
    this.lastUsedMs = nowMs
  }

  /** Queues a request until `ready` or `fail`. Returns `false` when the queue is full. */
  wait(waiter: Waiter): boolean {
    if (this.waiters.size >= this.context.config.queueCapacity) return false
    this.waiters.add(waiter)
    this.timer ??= setTimeout(() => this.failFast(), this.context.config.failfastTimeoutMs)
    return true
  }

  stopWaiting(waiter: Waiter): void {
    this.waiters.delete(waiter)
  }

  /** The endpoint for a request; one in backoff only when all are. */
  choose(nowMs: number, isEligible: (client: EndpointClient) => boolean): EndpointClient | undefined {
    const { candidates } = this
    const { random } = this.context
    const only = candidates.length === 1 ? candidates[0] : undefined
    if (only !== undefined) return isEligible(only) ? only : undefined
    const eligible = candidates.filter(isEligible)
    const available = eligible.filter(client => client.unavailableUntilMs <= nowMs)
    return chooseEndpoint(available.length > 0 ? available : eligible, nowMs, random)
  }

  metricsOf(route: Route): RouteMetrics | null {
    if (this.routes === null) return null
    const known = this.routeMetrics.get(route)
    if (known !== undefined) return known
    const { telemetry } = this.context
    const metrics = {
      effective: telemetry.route('outbound', this.routes.authority, route.labels),
      actual: telemetry.routeActual(this.routes.authority, route.labels),
      retries: telemetry.routeRetryable(this.routes.authority, route.labels),
    }
    this.routeMetrics.set(route, metrics)
    return metrics
  }

  close(): void {
    this.unsubscribe()
    this.clearTimer()
    const { waiters } = this
    this.waiters = new Set()
    for (const waiter of waiters) waiter.fail({ kind: 'failfast', message: 'the proxy ends' })
    for (const client of this.clients.values()) client.close()
    this.clients.clear()
    this.candidates = []
    this.destination.release()
  }

  private update(): void {
    const { authority } = this.destination
    const resolution = this.destination.current()
    switch (resolution.state) {
      case 'pending':
        return
      case 'missing':
        this.setEndpoints([])
        this.settle({
          kind: 'failed',
          error: { kind: 'unresolved', message: `No service ${authority}: ${resolution.reason}` },
        })
        return
      case 'resolved':
        if (resolution.routes !== this.routes) {
          this.routes = resolution.routes
          this.routeMetrics = new WeakMap()
        }
        this.setBudget(resolution.retryBudget ?? DEFAULT_RETRY_BUDGET)
        this.setEndpoints(resolution.endpoints)
        this.settle(resolution.endpoints.length > 0 ? { kind: 'ready' } : { kind: 'waiting' })
    }
  }

  private setBudget(settings: BudgetSettings): void {
    if (isSameBudget(this.retryBudget.settings, settings)) return
    this.retryBudget = new RetryBudget(settings, performance.now())
  }

  private setEndpoints(endpoints: readonly Endpoint[]): void {
    const before = this.clients
    this.clients = new Map()
    for (const endpoint of endpoints) {
      const old = before.get(endpoint.address)
      if (old !== undefined && isSameEndpoint(old.endpoint, endpoint)) {
        this.clients.set(endpoint.address, old)
        before.delete(endpoint.address)
      } else {
        const client = new EndpointClient(this.context, endpoint, this.destination.authority)
        this.clients.set(endpoint.address, client)
      }
    }
    for (const client of before.values()) client.close()
    this.candidates = [...this.clients.values()]
  }

  private settle(readiness: Readiness): void {
    this.readiness = readiness
    if (readiness.kind === 'waiting') return
    this.clearTimer()
    const { waiters } = this
    this.waiters = new Set()
    for (const waiter of waiters) {
      if (readiness.kind === 'ready') waiter.ready()
      else waiter.fail(readiness.error)
    }
  }

  private failFast(): void {
    this.timer = null
    const what = this.destination.current().state === 'pending' ? 'not resolved' : 'without endpoints'
    const { failfastTimeoutMs } = this.context.config
    this.settle({
      kind: 'failed',
      error: {
        kind: 'failfast',
        message: `${this.destination.authority} is ${what} for ${failfastTimeoutMs} ms`,
      },
    })
  }

  private clearTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer)
    this.timer = null
  }
}
