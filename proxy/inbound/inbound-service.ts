import { randomUUID } from 'node:crypto'
import { authorize } from '#lib/policy/authorize.ts'
import type { PolicyRef, ServerPolicy } from '#lib/policy/server-policy.ts'
import type { ForwardingOwner } from '#proxy/http/forwarding.ts'
import { Forwarding } from '#proxy/http/forwarding.ts'
import { stripL5dHeaders } from '#proxy/http/l5d-headers.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import { answerFor, type ProxyError } from '#proxy/http/proxy-error.ts'
import { ensureRequestId } from '#proxy/http/request-id.ts'
import type { Exchange, Reply, Service } from '#proxy/http/service.ts'
import type { HttpMetrics, InboundLabels } from '#proxy/telemetry/telemetry.ts'
import { describeInbound } from './describe-inbound.ts'
import type { InboundContext, InboundPeer } from './inbound-context.ts'

/** What the port's policy makes of the connection's requests; decided again when the policy changes. */
interface Decision {
  readonly policy: ServerPolicy
  readonly labels: InboundLabels
  readonly authorization: PolicyRef | null
  readonly metrics: HttpMetrics | null
}

/** Decides each request of one connection by policy, and forwards it to the app. */
export class InboundService implements Service, ForwardingOwner {
  private decision: Decision

  constructor(
    private readonly context: InboundContext,
    private readonly peer: InboundPeer,
    private readonly targetIp: string,
  ) {
    this.decision = this.decide(context.policies.forPort(peer.port))
  }

  /** The labels of the connection under the policy of the moment. */
  get labels(): InboundLabels {
    return this.decision.labels
  }

  handle(request: HttpRequest, reply: Reply): Exchange {
    const { context, peer } = this
    const policy = context.policies.forPort(peer.port)
    if (policy !== this.decision.policy) this.decision = this.decide(policy)
    const { authorization, labels, metrics } = this.decision
    const clientId = peer.tls.kind === 'mesh' ? peer.tls.clientId : ''
    const forwarding = new Forwarding(request, reply, this, clientId !== '')
    if (context.taps.isActive) {
      forwarding.tap = context.taps.watch(() => describeInbound(peer, labels, authorization))
    }
    if (!context.inFlight.enter()) {
      context.telemetry.inboundHttpError(answerFor('load-shed').label, labels)
      forwarding.refuse({ kind: 'load-shed', message: 'too many requests in flight' })
      return forwarding
    }
    if (authorization === null) {
      context.telemetry.httpDenied(labels)
      context.inFlight.leave()
      forwarding.refuse({ kind: 'denied', message: 'client is not authorized' })
      return forwarding
    }
    context.telemetry.httpAllowed(labels, authorization)
    forwarding.metrics = metrics
    const { headers } = request
    if (clientId === '') stripL5dHeaders(headers)
    else {
      stripL5dHeaders(headers, 'l5d-dst-canonical')
      headers.add('l5d-client-id', clientId)
    }
    if (context.config.requestIds) ensureRequestId(headers, randomUUID)
    if (request.authority === '') request.authority = `${labels.targetIp}:${labels.targetPort}`
    forwarding.forward(context.upstreams.forPort(peer.port))
    return forwarding
  }

  failed(): boolean {
    return false
  }

  answered(_: Forwarding, error: ProxyError): void {
    this.context.telemetry.inboundHttpError(answerFor(error.kind).label, this.decision.labels)
    this.context.log.warn('Request failed', { port: this.peer.port, error: error.message })
  }

  responded(): void {}

  ended(): void {
    this.context.inFlight.leave()
  }

  private decide(policy: ServerPolicy): Decision {
    const { context, peer, targetIp } = this
    const labels: InboundLabels = {
      targetIp,
      targetPort: peer.port,
      tls: peer.tls.kind === 'mesh' ? { kind: 'server', clientId: peer.tls.clientId } : peer.tls,
      server: policy.server,
      clientIp: peer.ip,
    }
    const authorization = authorize(policy, { ip: peer.ip, tls: peer.tls })?.ref ?? null
    return {
      policy,
      labels,
      authorization,
      metrics: authorization === null ? null : context.telemetry.inboundHttp(labels, authorization),
    }
  }
}
