import type { TapAddress } from '#lib/tap/tap-match.ts'
import { Forwarding, type ForwardingOwner } from '#proxy/http/forwarding.ts'
import { HTTP2_IDLE_TIMEOUT_MS, MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import type { HttpRequest } from '#proxy/http/message.ts'
import { answerFor, type ProxyError } from '#proxy/http/proxy-error.ts'
import type { Exchange, Reply, Upstream } from '#proxy/http/service.ts'
import { createHttp1Upstream } from '#proxy/http1/http1-upstream.ts'
import { createHttp2Upstream } from '#proxy/http2/http2-upstream.ts'
import { upstreamByVersion } from '#proxy/http2/upstream-by-version.ts'
import { type Connect, plainConnect } from '#proxy/tcp/connect.ts'
import type { HttpMetrics, OutboundLabels, TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { describeOutbound } from './describe-outbound.ts'
import type { OutboundContext } from './outbound-context.ts'

/** Hosts outside the mesh whose connections and counters are kept; a further one takes the oldest one's place. */
const MAX_HOSTS = 256

/** A host outside the mesh. */
export interface EgressHost {
  readonly upstream: Upstream
  readonly metrics: HttpMetrics
  /** The way to it for bytes that are no HTTP. */
  readonly connect: Connect
  readonly transport: TransportMetrics
}

/** Sends requests out of the mesh, in plain HTTP to wherever DNS says. */
export class Egress implements ForwardingOwner {
  private readonly hosts = new Map<string, EgressHost>()

  constructor(private readonly context: OutboundContext) {}

  /** The caller has entered the request in flight; it leaves when it ends. */
  handle(
    request: HttpRequest,
    reply: Reply,
    source: TapAddress,
    { host, port }: { readonly host: string; readonly port: number },
  ): Exchange {
    const { upstream, metrics } = this.host(host, port)
    const { taps } = this.context
    const forwarding = new Forwarding(request, reply, this, this.context.config.informationalHeaders)
    if (taps.isActive) {
      const endpoint = { ip: host, port, labels: {}, tls: null }
      forwarding.tap = taps.watch(() => describeOutbound({ source, endpoint }))
    }
    forwarding.metrics = metrics
    forwarding.forward(upstream)
    return forwarding
  }

  failed(): boolean {
    return false
  }

  answered(_: Forwarding, error: ProxyError): void {
    this.context.telemetry.outboundHttpError(answerFor(error.kind).label)
    this.context.log.warn('Request failed', { error: error.message })
  }

  passes(): void {}

  ended(): void {
    this.context.inFlight.leave()
  }

  close(): void {
    for (const { upstream } of this.hosts.values()) upstream.close()
    this.hosts.clear()
  }

  /** The host's connections and counters. */
  host(host: string, port: number): EgressHost {
    const authority = `${host}:${port}`
    const known = this.hosts.get(authority)
    if (known !== undefined) return known
    const { config, telemetry } = this.context
    const labels: OutboundLabels = {
      authority,
      targetIp: host,
      targetPort: port,
      tls: { kind: 'none', reason: 'not_provided_by_service_discovery' },
      destination: {},
    }
    const connect = plainConnect({
      host,
      port,
      localAddress: null,
      timeoutMs: config.outboundConnectTimeoutMs,
    })
    const transport = telemetry.outboundDestination(labels)
    const http1 = createHttp1Upstream({
      connect,
      transport,
      maxHeadBytes: MAX_HEAD_BYTES,
      maxIdle: config.maxIdlePerEndpoint,
      idleTimeoutMs: config.poolIdleTimeoutMs,
    })
    const makeHttp2 = () =>
      createHttp2Upstream({
        connect,
        transport,
        idleTimeoutMs: HTTP2_IDLE_TIMEOUT_MS,
        settings: config.http2.outboundClient,
      })
    const made = {
      connect,
      transport,
      metrics: telemetry.outboundHttp(labels),
      upstream: upstreamByVersion(http1, makeHttp2, false),
    }
    for (const [oldest, { upstream }] of this.hosts) {
      if (this.hosts.size < MAX_HOSTS) break
      upstream.close()
      this.hosts.delete(oldest)
    }
    this.hosts.set(authority, made)
    return made
  }
}
