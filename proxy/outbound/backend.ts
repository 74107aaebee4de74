import { chooseEndpoint } from '#proxy/balance/choose-endpoint.ts'
import type { Destination, Endpoint } from '#proxy/discovery/discovery.ts'
import type { EndpointCounts } from '#proxy/telemetry/telemetry.ts'
import { attachBoth, type BothBalancers, balancersOf } from './balancer-metrics.ts'
import { EndpointClient, isSameEndpoint } from './endpoint-client.ts'
import type { OutboundContext } from './outbound-context.ts'

/** The endpoints of one service, with their connections, as they serve what was asked of one authority. */
export class Backend {
  private clients = new Map<string, EndpointClient>()
  private candidates: readonly EndpointClient[] = []
  /** What is counted of it. */
  readonly balancers: BothBalancers
  private readonly detach: () => void
  private readonly unsubscribe: () => void

  constructor(
    private readonly context: OutboundContext,
    /** What clients asked for; the service itself, or one that is split. */
    private readonly authority: string,
    readonly destination: Destination,
    /** Its endpoints changed. */
    changed: () => void,
  ) {
    this.balancers = balancersOf(context.telemetry, authority, destination.authority)
    this.detach = attachBoth(this.balancers, () => this.endpointCounts(), context.config.failfastTimeoutMs)
    this.update()
    this.unsubscribe = destination.subscribe(() => {
      this.update()
      changed()
    })
  }

  /** `missing`: there is no such service. */
  get state(): 'pending' | 'missing' | 'empty' | 'ready' {
    const { state } = this.destination.current()
    if (state !== 'resolved') return state
    return this.candidates.length > 0 ? 'ready' : 'empty'
  }

  /** Whether `choose` would find an endpoint. */
  has(nowMs: number, isEligible: (client: EndpointClient) => boolean): boolean {
    return this.candidates.some(client => client.isOpen(nowMs) && isEligible(client))
  }

  /** The endpoint for a request: one in connect backoff only when all are, none that is left alone for its failures. */
  choose(nowMs: number, isEligible: (client: EndpointClient) => boolean): EndpointClient | undefined {
    const { candidates } = this
    const { random } = this.context
    const only = candidates.length === 1 ? candidates[0] : undefined
    if (only !== undefined) return only.isOpen(nowMs) && isEligible(only) ? only : undefined
    const eligible = candidates.filter(client => client.isOpen(nowMs) && isEligible(client))
    const available = eligible.filter(client => client.unavailableUntilMs <= nowMs)
    return chooseEndpoint(available.length > 0 ? available : eligible, nowMs, random)
  }

  close(): void {
    this.unsubscribe()
    this.detach()
    for (const client of this.clients.values()) client.close()
    this.clients.clear()
    this.candidates = []
    this.destination.release()
  }

  private endpointCounts(): EndpointCounts {
    const nowMs = performance.now()
    const ready = this.candidates.filter(one => one.isOpen(nowMs) && one.unavailableUntilMs <= nowMs).length
    return { ready, pending: this.candidates.length - ready }
  }

  private update(): void {
    const resolution = this.destination.current()
    if (resolution.state === 'pending') return
    this.setEndpoints(resolution.state === 'resolved' ? resolution.endpoints : [])
    const accrual = resolution.state === 'resolved' ? resolution.policy?.failureAccrual : null
    for (const client of this.candidates) client.accrueBy(accrual ?? null)
  }

  private setEndpoints(endpoints: readonly Endpoint[]): void {
    const before = this.clients
    const isFirst = before.size === 0
    this.clients = new Map()
    for (const endpoint of endpoints) {
      const old = before.get(endpoint.address)
      if (old !== undefined && isSameEndpoint(old.endpoint, endpoint)) {
        this.clients.set(endpoint.address, old)
        before.delete(endpoint.address)
      } else {
        this.clients.set(endpoint.address, new EndpointClient(this.context, endpoint, this.authority))
        if (!isFirst) this.count('Add')
      }
    }
    for (const client of before.values()) {
      client.close()
      this.count('Remove')
    }
    if (isFirst && endpoints.length > 0) this.count('Reset')
    this.candidates = [...this.clients.values()]
  }

  private count(change: 'Reset' | 'Add' | 'Remove'): void {
    this.balancers.http.updated(change)
    this.balancers.tcp.updated(change)
  }
}
