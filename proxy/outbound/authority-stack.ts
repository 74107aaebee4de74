import type { FoundRoute } from '#lib/policy/find-route.ts'
import type { Route, RouteTable } from '#lib/profile/route-table.ts'
import type { RetryBudget as BudgetSettings, WeightedAuthority } from '#lib/resources/service-profile.ts'
import { chooseByWeight } from '#lib/split/choose-by-weight.ts'
import { DEFAULT_RETRY_BUDGET, isSameBudget, RetryBudget } from '#proxy/balance/retry-budget.ts'
import type {
  Destination,
  ServiceBackend,
  ServicePolicy,
  ServiceRoute,
  ServiceRule,
} from '#proxy/discovery/discovery.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import { routedRequest } from '#proxy/policy/routed-request.ts'
import type {
  HttpMetrics,
  PolicyRouteMetrics,
  RetryMetrics,
  ServiceConnectionMetrics,
} from '#proxy/telemetry/telemetry.ts'
import { Backend } from './backend.ts'
import { serviceLabels } from './balancer-metrics.ts'
import type { EndpointClient } from './endpoint-client.ts'
import type { OutboundContext } from './outbound-context.ts'

/** A request that waits for its destination to be known. */
export interface Waiter {
  /** Which queue it is counted in. */
  readonly protocol: 'http' | 'tcp'
  ready(): void
  fail(error: ProxyError): void
}

export interface RouteMetrics {
  readonly effective: HttpMetrics
  readonly actual: HttpMetrics
  readonly retries: RetryMetrics
}

/** Whether requests can go out now. */
type Readiness =
  | { readonly kind: 'ready' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'failed'; readonly error: ProxyError }

/** Where a share of the requests goes. */
export interface Target {
  readonly backend: Backend
  readonly weight: number
  /** What the policy's rule says of it. */
  readonly spec: ServiceBackend | null
}

/**
 * All there is for one authority: its routes, the backends that its requests are split between, or its own one, and the
 * requests that wait. At most `queueCapacity` wait; when nothing is ready for the failfast timeout, all of them fail,
 * and new ones at once, until something is.
 */
export class AuthorityStack {
  routes: RouteTable | null = null
  /** Of the service where it has no ServiceProfile. */
  policy: ServicePolicy | null = null
  /** What requests of retryable routes share. */
  retryBudget = new RetryBudget(DEFAULT_RETRY_BUDGET, performance.now())
  lastUsedMs = 0
  /** Of clients whose connection names this service. */
  readonly connections: ServiceConnectionMetrics
  private readonly own: Backend
  private targets: readonly Target[]
  /** Where the requests of each rule of the policy go. */
  private ruleTargets = new Map<ServiceRule, readonly Target[]>()
  /** The backends of the split or the policy's rules, without the own one. */
  private others = new Map<string, Backend>()
  private routeMetrics = new WeakMap<Route, RouteMetrics>()
  private policyMetrics = new WeakMap<ServiceBackend, PolicyRouteMetrics>()
  private readiness: Readiness = { kind: 'waiting' }
  private waiters = new Set<Waiter>()
  private timer: ReturnType<typeof setTimeout> | null = null
  private using = 0

  constructor(
    private readonly context: OutboundContext,
    readonly destination: Destination,
  ) {
    this.connections = context.telemetry.serviceConnections(serviceLabels(destination.authority))
    this.own = new Backend(context, destination.authority, destination, () => this.update())
    this.targets = [{ backend: this.own, weight: 1, spec: null }]
    this.update()
  }

  get isIdle(): boolean {
    return this.using === 0
  }

  /** One more user: `ready` or `fail` is told once, at once where the readiness is known. Each needs a `leave`. */
  enter(waiter: Waiter): void {
    this.using++
    const { readiness } = this
    switch (readiness.kind) {
      case 'ready':
        waiter.ready()
        return
      case 'failed':
        waiter.fail(readiness.error)
        return
      case 'waiting':
        this.wait(waiter)
    }
  }

  leave(nowMs: number): void {
    this.using--
    this.lastUsedMs = nowMs
  }

  stopWaiting(waiter: Waiter): void {
    if (this.waiters.delete(waiter)) this.own.balancers[waiter.protocol].waited()
  }

  /** The policy's rule for a request; `null` when it belongs to none, or there is no policy. */
  find(request: HttpRequest): FoundRoute<ServiceRoute> | null {
    const { policy } = this
    return policy?.only ?? policy?.find(routedRequest(request)) ?? null
  }

  /** Whether a rule is of the policy that holds now. */
  has(rule: ServiceRule): boolean {
    return this.ruleTargets.has(rule)
  }

  /**
   * Where a request of this rule goes, by weight among those that have an eligible endpoint. `rule` is `null` where no
   * policy says.
   */
  choose(
    rule: ServiceRule | null,
    nowMs: number,
    isEligible: (client: EndpointClient) => boolean,
  ): Target | undefined {
    const targets = rule === null ? this.targets : (this.ruleTargets.get(rule) ?? [])
    const usable =
      targets.length === 1 ? targets : targets.filter(({ backend }) => backend.has(nowMs, isEligible))
    return usable.length === 1 ? usable[0] : chooseByWeight(usable, this.context.random)
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

  /** Counters of the policy's route with this backend. */
  metricsOfBackend(backend: ServiceBackend): PolicyRouteMetrics {
    const known = this.policyMetrics.get(backend)
    if (known !== undefined) return known
    const metrics = this.context.telemetry.policyRoute(backend.labels)
    this.policyMetrics.set(backend, metrics)
    return metrics
  }

  close(): void {
    this.clearTimer()
    for (const waiter of this.takeWaiters()) waiter.fail({ kind: 'failfast', message: 'the proxy ends' })
    for (const backend of this.others.values()) backend.close()
    this.others.clear()
    this.own.close()
  }

  private update(): void {
    const resolution = this.destination.current()
    if (resolution.state === 'resolved') {
      if (resolution.routes !== this.routes) {
        this.routes = resolution.routes
        this.routeMetrics = new WeakMap()
      }
      this.setBudget(resolution.retryBudget ?? DEFAULT_RETRY_BUDGET)
      this.policy = resolution.routes === null ? (resolution.policy ?? null) : null
      this.setTargets(resolution.split ?? [])
    }
    const readiness = this.look()
    if (readiness !== null) this.settle(readiness)
  }

  /** What the backends allow for; `null` while nothing is known. */
  private look(): Readiness | null {
    if (this.own.state === 'pending') return null
    const backends = this.own.state === 'missing' ? [this.own] : this.backends
    const states = backends.map(({ state }) => state)
    // One that is not known yet is waited for: else the others would get its share.
    if (states.includes('pending')) return { kind: 'waiting' }
    if (states.includes('ready')) return { kind: 'ready' }
    if (states.includes('empty')) return { kind: 'waiting' }
    const reasons = backends.map(({ destination }) => {
      const current = destination.current()
      const reason = current.state === 'missing' ? current.reason : ''
      return `No service ${destination.authority}: ${reason.replace(`Cannot resolve ${destination.authority}: `, '')}`
    })
    return { kind: 'failed', error: { kind: 'unresolved', message: reasons.join('; ') } }
  }

  private setBudget(settings: BudgetSettings): void {
    if (isSameBudget(this.retryBudget.settings, settings)) return
    this.retryBudget = new RetryBudget(settings, performance.now())
  }

  private setTargets(split: readonly WeightedAuthority[]): void {
    const before = this.others
    this.others = new Map()
    const targets = split
      .filter(({ weight }) => weight > 0)
      .map(({ authority, weight }) => ({ backend: this.backendOf(authority, before), weight, spec: null }))
    this.ruleTargets = new Map(
      (this.policy?.routes ?? []).flatMap(({ rules }) =>
        rules.map(rule => [rule, this.targetsOf(rule, before)] as const),
      ),
    )
    for (const backend of before.values()) backend.close()
    this.targets = targets.length > 0 ? targets : [{ backend: this.own, weight: 1, spec: null }]
  }

  private targetsOf({ backends }: ServiceRule, before: Map<string, Backend>): readonly Target[] {
    return backends
      .filter(({ weight }) => weight > 0)
      .map(spec => {
        const backend = spec.authority === null ? this.own : this.backendOf(spec.authority, before)
        return { backend, weight: spec.weight, spec }
      })
  }

  /** All that requests may go to now. */
  private get backends(): readonly Backend[] {
    if (this.policy === null) return this.targets.map(({ backend }) => backend)
    const used = new Set([...this.ruleTargets.values()].flat().map(({ backend }) => backend))
    return used.size > 0 ? [...used] : [this.own]
  }

  /** The backend of an authority: its own, one of `before`, which it leaves, or a new one. */
  private backendOf(authority: string, before: Map<string, Backend>): Backend {
    const { context, own } = this
    if (authority === own.destination.authority) return own
    const known =
      this.others.get(authority) ??
      before.get(authority) ??
      new Backend(context, own.destination.authority, context.discovery.destination(authority), () =>
        this.update(),
      )
    before.delete(authority)
    this.others.set(authority, known)
    return known
  }

  private wait(waiter: Waiter): void {
    const { queueCapacity, failfastTimeoutMs } = this.context.config
    if (this.waiters.size >= queueCapacity) {
      waiter.fail({ kind: 'load-shed', message: `too many requests wait for ${this.destination.authority}` })
      return
    }
    this.waiters.add(waiter)
    this.own.balancers[waiter.protocol].waits()
    this.timer ??= setTimeout(() => this.failFast(), failfastTimeoutMs)
  }

  private settle(readiness: Readiness): void {
    this.countGate(readiness)
    this.readiness = readiness
    if (readiness.kind === 'waiting') return
    this.clearTimer()
    for (const waiter of this.takeWaiters()) {
      if (readiness.kind === 'ready') waiter.ready()
      else waiter.fail(readiness.error)
    }
  }

  private takeWaiters(): ReadonlySet<Waiter> {
    const { own, waiters } = this
    this.waiters = new Set()
    for (const { protocol } of waiters) own.balancers[protocol].waited()
    return waiters
  }

  private countGate(next: Readiness): void {
    const isShut = this.isShut(next)
    if (isShut === this.isShut(this.readiness)) return
    for (const one of Object.values(this.own.balancers)) {
      if (isShut) one.gateShut()
      else one.gateOpened()
    }
  }

  private isShut(readiness: Readiness): boolean {
    return readiness.kind === 'failed' && readiness.error.kind === 'failfast'
  }

  private failFast(): void {
    this.timer = null
    const { backends } = this
    if (backends.some(({ state }) => state === 'ready')) {
      this.settle({ kind: 'ready' })
      return
    }
    const isPending = backends.some(({ state }) => state === 'pending')
    const what = isPending ? 'not resolved' : 'without endpoints'
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
