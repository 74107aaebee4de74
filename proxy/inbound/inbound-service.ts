import { randomUUID } from 'node:crypto'
import { authorize } from '#lib/policy/authorize.ts'
import type { FoundRoute } from '#lib/policy/find-route.ts'
import { DEFAULT_ROUTE, type PolicyRoute } from '#lib/policy/policy-route.ts'
import type { PolicyRef } from '#lib/policy/server-policy.ts'
import type { Route, RouteTable } from '#lib/profile/route-table.ts'
import type { ForwardingOwner } from '#proxy/http/forwarding.ts'
import { Forwarding } from '#proxy/http/forwarding.ts'
import { stripL5dHeaders } from '#proxy/http/l5d-headers.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import { answerFor, type ProxyError } from '#proxy/http/proxy-error.ts'
import { ensureRequestId } from '#proxy/http/request-id.ts'
import type { Exchange, Reply, Service } from '#proxy/http/service.ts'
import { applyFilters } from '#proxy/policy/apply-filters.ts'
import { routedRequest } from '#proxy/policy/routed-request.ts'
import type { HttpMetrics, InboundHttpLabels, InboundLabels } from '#proxy/telemetry/telemetry.ts'
import { describeInbound } from './describe-inbound.ts'
import type { InboundContext, InboundPeer } from './inbound-context.ts'
import { clientOf, tlsLabels } from './peer-tls.ts'
import type { PortRules } from './port-rules.ts'

/** What the connection may do on one route of its port. */
interface Access {
  readonly labels: InboundHttpLabels
  /** `null`: it is not let in. */
  readonly authorization: PolicyRef | null
  readonly metrics: HttpMetrics | null
}

/** Why a request goes no further, and which object of the mesh says so; `null` when none does. */
interface Refusal {
  readonly error: ProxyError
  readonly by: PolicyRef | null
}

const LOAD_SHED: Refusal = {
  error: { kind: 'load-shed', message: 'too many requests in flight' },
  by: null,
}

/** Decides each request of one connection by policy, and forwards it to the app. */
export class InboundService implements Service, ForwardingOwner {
  /** The labels of the connection under the policy of the moment. */
  labels: InboundLabels
  private rules: PortRules
  private readonly accesses = new Map<PolicyRoute | null, Access>()
  private readonly routes = new WeakMap<RouteTable, Map<Route, HttpMetrics>>()

  constructor(
    private readonly context: InboundContext,
    private readonly peer: InboundPeer,
    private readonly targetIp: string,
  ) {
    this.rules = context.rules.forPort(peer.port)
    this.labels = this.labelsOf(this.rules)
  }

  handle(request: HttpRequest, reply: Reply): Exchange {
    const { context, peer } = this
    const rules = context.rules.forPort(peer.port)
    if (rules !== this.rules) this.adopt(rules)
    const found = rules.findRoute === null ? null : rules.findRoute(routedRequest(request))
    const access = rules.findRoute !== null && found === null ? null : this.accessTo(found?.route ?? null)
    const clientId = peer.tls.kind === 'mesh' ? peer.tls.clientId : ''
    const forwarding = new Forwarding(request, reply, this, clientId !== '')
    const isIn = context.inFlight.enter()
    const refusal = isIn ? this.judge(request, access, found, clientId) : LOAD_SHED
    if (context.taps.isActive) {
      forwarding.tap = context.taps.watch(() =>
        describeInbound(
          peer,
          access?.labels ?? this.labels,
          access?.authorization ?? null,
          refusal?.by ?? null,
        ),
      )
    }
    if (refusal !== null || access === null) {
      if (isIn) context.inFlight.leave()
      else context.telemetry.inboundHttpError(answerFor('load-shed').label, this.labels)
      forwarding.refuse((refusal ?? LOAD_SHED).error)
      return forwarding
    }
    forwarding.metrics = access.metrics
    this.countByRoute(forwarding, clientId)
    forwarding.responseEdits = found?.rule.responseEdits ?? []
    const { headers } = request
    if (clientId === '') stripL5dHeaders(headers)
    else {
      stripL5dHeaders(headers, 'l5d-dst-canonical')
      headers.add('l5d-client-id', clientId)
    }
    if (context.config.requestIds) ensureRequestId(headers, randomUUID)
    if (request.authority === '') request.authority = `${this.labels.targetIp}:${this.labels.targetPort}`
    forwarding.forward(context.upstreams.forPort(peer.port))
    return forwarding
  }

  failed(): boolean {
    return false
  }

  answered(_: Forwarding, error: ProxyError): void {
    this.context.telemetry.inboundHttpError(answerFor(error.kind).label, this.labels)
    this.context.log.warn('Request failed', { port: this.peer.port, error: error.message })
  }

  passes(): void {}

  ended(): void {
    this.context.inFlight.leave()
  }

  /** Counts what policy makes of a request, and changes its headers as its route says; `null` when it may go on. */
  private judge(
    request: HttpRequest,
    access: Access | null,
    found: FoundRoute | null,
    clientId: string,
  ): Refusal | null {
    const { limiter, policy } = this.rules
    const { random, telemetry } = this.context
    if (access === null) {
      telemetry.httpRouteNotFound(this.labels)
      return { error: { kind: 'route-not-found', message: 'no route found for request' }, by: policy.server }
    }
    const { authorization, labels } = access
    if (authorization === null) {
      telemetry.httpDenied(labels)
      return { error: { kind: 'denied', message: 'client is not authorized' }, by: policy.server }
    }
    const answered = found === null ? null : applyFilters(request, found, random)
    if (answered === null && limiter !== null && policy.rateLimit !== null) {
      const scope = limiter.check(clientId, performance.now())
      if (scope !== null) {
        telemetry.httpLimited(this.labels, policy.rateLimit.ref, scope)
        const whose = scope === 'total' ? 'of the port' : 'of the client'
        return {
          error: { kind: 'rate-limited', message: `rate limit ${whose} exceeded` },
          by: policy.rateLimit.ref,
        }
      }
    }
    telemetry.httpAllowed(labels, authorization)
    return answered === null ? null : { error: answered, by: labels.route }
  }

  /** Whoever asks: callers without a proxy have nobody else who counts their requests by the routes of a profile. */
  private countByRoute(forwarding: Forwarding, clientId: string): void {
    const { request } = forwarding
    const { profiles, telemetry } = this.context
    const canonical = clientId === '' ? null : request.headers.get('l5d-dst-canonical')
    const table = profiles.routesOf(canonical ?? request.authority)
    if (table === null) return
    const route = table.match(request.method, request.path)
    forwarding.rule = route
    const routes = this.routes.get(table) ?? new Map<Route, HttpMetrics>()
    this.routes.set(table, routes)
    let metrics = routes.get(route)
    if (metrics === undefined) {
      metrics = telemetry.route('inbound', table.authority, route.labels)
      routes.set(route, metrics)
    }
    forwarding.routeEffective = metrics
  }

  private adopt(rules: PortRules): void {
    this.rules = rules
    this.labels = this.labelsOf(rules)
    this.accesses.clear()
  }

  private labelsOf({ policy }: PortRules): InboundLabels {
    const { peer, targetIp } = this
    return {
      targetIp,
      targetPort: peer.port,
      tls: tlsLabels(peer),
      server: policy.server,
      clientIp: peer.ip,
    }
  }

  private accessTo(route: PolicyRoute | null): Access {
    const known = this.accesses.get(route)
    if (known !== undefined) return known
    const { context, peer, rules } = this
    const authorizations =
      route === null ? rules.policy.authorizations : [...rules.policy.authorizations, ...route.authorizations]
    const labels: InboundHttpLabels = { ...this.labels, route: route?.ref ?? DEFAULT_ROUTE }
    const authorization = authorize({ authorizations }, clientOf(peer))?.ref ?? null
    const access: Access = {
      labels,
      authorization,
      metrics: authorization === null ? null : context.telemetry.inboundHttp(labels, authorization),
    }
    this.accesses.set(route, access)
    return access
  }
}
