import { randomUUID } from 'node:crypto'
import type { TapAddress } from '#lib/tap/tap-match.ts'
import { stripL5dHeaders } from '#proxy/http/l5d-headers.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import { answerFor, answerSeen, type ProxyError, replyWithError } from '#proxy/http/proxy-error.ts'
import { ensureRequestId } from '#proxy/http/request-id.ts'
import type { Exchange, Reply, Service } from '#proxy/http/service.ts'
import type { AuthorityStacks } from './authority-stacks.ts'
import { describeOutbound } from './describe-outbound.ts'
import type { Egress } from './egress.ts'
import type { OutboundContext } from './outbound-context.ts'
import { OutboundRequest } from './outbound-request.ts'
import { readOverrides } from './request-overrides.ts'
import { type ResolvedName, resolveName, type ServiceName } from './resolve-name.ts'

/** Names remembered with what they stand for; then all are forgotten. */
const MAX_NAMES = 8192

const NO_EXCHANGE: Exchange = { clientGone: () => {}, requestBroken: () => {} }

/** Finds each request's destination by the name the app gave, and sends it there. */
export class OutboundService {
  private readonly names = new Map<string, ResolvedName>()

  constructor(
    private readonly context: OutboundContext,
    private readonly stacks: AuthorityStacks,
    private readonly egress: Egress,
  ) {}

  /** The service for one connection of the app; its requests go to `destination`, or where each says. */
  ofClient(source: TapAddress, destination: ServiceName | null = null): Service {
    return { handle: (request, reply) => this.handle(request, reply, source, destination) }
  }

  /** Answers with an error, counted and tapped. */
  refuse(request: HttpRequest, reply: Reply, source: TapAddress, error: ProxyError): Exchange {
    const { taps } = this.context
    if (taps.isActive) {
      const tap = taps.watch(() => describeOutbound({ source, endpoint: null }))
      tap.answered(request, answerSeen(request, error))
    }
    this.context.telemetry.outboundHttpError(answerFor(error.kind).label)
    replyWithError(reply, request, error, this.context.config.informationalHeaders)
    return NO_EXCHANGE
  }

  private handle(
    request: HttpRequest,
    reply: Reply,
    source: TapAddress,
    destination: ServiceName | null,
  ): Exchange {
    const { context } = this
    const name = destination ?? this.resolve(request.authority)
    if (destination !== null && request.authority === '') {
      request.authority = `${destination.host}:${destination.port}`
    }
    if (request.method === 'CONNECT' && destination === null) {
      return this.refuse(request, reply, source, { kind: 'unsupported', message: 'CONNECT is not served' })
    }
    if (name.kind === 'invalid') {
      return this.refuse(request, reply, source, { kind: 'bad-request', message: name.reason })
    }
    if (!context.inFlight.enter()) {
      return this.refuse(request, reply, source, {
        kind: 'load-shed',
        message: 'too many requests in flight',
      })
    }
    const requiredId = request.headers.get('l5d-require-id')
    const overrides = readOverrides(request.headers)
    stripL5dHeaders(request.headers)
    if (context.config.requestIds) ensureRequestId(request.headers, randomUUID)
    const stack = name.kind === 'service' ? this.stacks.get(name.authority) : null
    const mayLeave = context.config.egress === 'allow'
    if (name.kind === 'external' && mayLeave) {
      return this.egress.handle(request, reply, source, name)
    }
    if (stack === null) {
      context.inFlight.leave()
      const error: ProxyError =
        name.kind === 'external'
          ? { kind: 'unresolved', message: `No service ${request.authority}` }
          : { kind: 'load-shed', message: 'too many destinations' }
      return this.refuse(request, reply, source, error)
    }
    const outside = mayLeave ? () => this.egress.host(name.host, name.port) : null
    const asked = { requiredId, overrides }
    const exchange = new OutboundRequest(context, stack, request, reply, source, asked, outside)
    exchange.start()
    return exchange
  }

  private resolve(authority: string): ResolvedName {
    const known = this.names.get(authority)
    if (known !== undefined) return known
    const name = resolveName(authority, this.context.config)
    if (this.names.size >= MAX_NAMES) this.names.clear()
    this.names.set(authority, name)
    return name
  }
}
