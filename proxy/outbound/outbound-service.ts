import { randomUUID } from 'node:crypto'
import type { TapAddress } from '#lib/tap/tap-match.ts'
import { stripL5dHeaders } from '#proxy/http/l5d-headers.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import { answerFor, answerSeen, type ProxyError, replyWithError } from '#proxy/http/proxy-error.ts'
import { ensureRequestId } from '#proxy/http/request-id.ts'
import type { Exchange, Reply, Service } from '#proxy/http/service.ts'
import { AuthorityStack } from './authority-stack.ts'
import { describeOutbound } from './describe-outbound.ts'
import { Egress } from './egress.ts'
import type { OutboundContext } from './outbound-context.ts'
import { OutboundRequest } from './outbound-request.ts'
import { type ResolvedName, resolveName } from './resolve-name.ts'

/** Authorities in use at a time; requests to further ones are shed. */
const MAX_STACKS = 4096
/** Names remembered with what they stand for; then all are forgotten. */
const MAX_NAMES = 8192

const NO_EXCHANGE: Exchange = { clientGone: () => {}, requestBroken: () => {} }

/** Finds each request's destination by the name the app gave, and sends it there. */
export class OutboundService {
  private readonly stacks = new Map<string, AuthorityStack>()
  private readonly names = new Map<string, ResolvedName>()
  private readonly egress: Egress
  private readonly sweeper: ReturnType<typeof setTimeout>

  constructor(private readonly context: OutboundContext) {
    this.egress = new Egress(context)
    const idleMs = context.config.discoveryIdleTimeoutMs
    this.sweeper = setInterval(() => this.sweep(performance.now() - idleMs), idleMs)
    this.sweeper.unref()
  }

  /** The service for one connection of the app. */
  ofClient(source: TapAddress): Service {
    return { handle: (request, reply) => this.handle(request, reply, source) }
  }

  private handle(request: HttpRequest, reply: Reply, source: TapAddress): Exchange {
    const { context } = this
    const name = this.resolve(request.authority)
    if (request.method === 'CONNECT') {
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
    stripL5dHeaders(request.headers)
    if (context.config.requestIds) ensureRequestId(request.headers, randomUUID)
    const stack = name.kind === 'service' ? this.stack(name.authority) : null
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
    const exchange = new OutboundRequest(context, stack, request, reply, source, requiredId, outside)
    exchange.start()
    return exchange
  }

  close(): void {
    clearInterval(this.sweeper)
    for (const stack of this.stacks.values()) stack.close()
    this.stacks.clear()
    this.egress.close()
  }

  private resolve(authority: string): ResolvedName {
    const known = this.names.get(authority)
    if (known !== undefined) return known
    const name = resolveName(authority, this.context.config)
    if (this.names.size >= MAX_NAMES) this.names.clear()
    this.names.set(authority, name)
    return name
  }

  private stack(authority: string): AuthorityStack | null {
    const known = this.stacks.get(authority)
    if (known !== undefined) return known
    if (this.stacks.size >= MAX_STACKS) return null
    const stack = new AuthorityStack(this.context, this.context.discovery.destination(authority))
    this.stacks.set(authority, stack)
    return stack
  }

  private refuse(request: HttpRequest, reply: Reply, source: TapAddress, error: ProxyError): Exchange {
    const { taps } = this.context
    if (taps.isActive) {
      const tap = taps.watch(() => describeOutbound({ source, endpoint: null }))
      tap.answered(request, answerSeen(request, error))
    }
    this.context.telemetry.outboundHttpError(answerFor(error.kind).label)
    replyWithError(reply, request, error, this.context.config.informationalHeaders)
    return NO_EXCHANGE
  }

  private sweep(unusedSinceMs: number): void {
    for (const [authority, stack] of this.stacks) {
      if (!stack.isIdle || stack.lastUsedMs > unusedSinceMs) continue
      this.stacks.delete(authority)
      stack.close()
    }
  }
}
