import type { AccrualSettings } from '#lib/policy/outbound-policy.ts'
import { connectBackoffMs } from '#proxy/balance/connect-backoff.ts'
import { FailureAccrual, isSameAccrual } from '#proxy/balance/failure-accrual.ts'
import { estimateAfter, type Load, newLoad } from '#proxy/balance/peak-ewma.ts'
import type { Endpoint } from '#proxy/discovery/discovery.ts'
import type { AttemptObserver } from '#proxy/http/attempt.ts'
import { HTTP2_IDLE_TIMEOUT_MS, MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import type { Upstream } from '#proxy/http/service.ts'
import { createHttp1Upstream } from '#proxy/http1/http1-upstream.ts'
import { createHttp2Upstream } from '#proxy/http2/http2-upstream.ts'
import { upstreamByVersion } from '#proxy/http2/upstream-by-version.ts'
import type { HttpMetrics, OutboundLabels, Outcome, TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { connectEndpoint } from './connect-endpoint.ts'
import type { OutboundContext } from './outbound-context.ts'

/** One endpoint of a destination: its connections, its load, its counters. */
export class EndpointClient implements AttemptObserver {
  readonly load: Load
  readonly upstream: Upstream
  readonly metrics: HttpMetrics
  readonly transport: TransportMetrics
  /** Until then connections to it failed too lately to try again. */
  unavailableUntilMs = 0
  private connectFailures = 0
  private accrualSettings: AccrualSettings | null = null
  private accrual: FailureAccrual | null = null

  constructor(
    private readonly context: OutboundContext,
    readonly endpoint: Endpoint,
    authority: string,
  ) {
    const { config, telemetry } = context
    const labels: OutboundLabels = {
      authority,
      targetIp: endpoint.ip,
      targetPort: endpoint.port,
      tls:
        endpoint.tls === null
          ? { kind: 'none', reason: 'not_provided_by_service_discovery' }
          : { kind: 'client', serverId: endpoint.tls.serverId },
      destination: endpoint.labels,
    }
    this.load = newLoad(performance.now())
    this.metrics = telemetry.outboundHttp(labels)
    const transport = telemetry.outboundDestination(labels)
    this.transport = transport
    const isProxy = endpoint.tls !== null
    const http1 = createHttp1Upstream({
      connect: connectEndpoint(endpoint, context, 'http1'),
      transport,
      maxHeadBytes: MAX_HEAD_BYTES,
      maxIdle: config.maxIdlePerEndpoint,
      idleTimeoutMs: config.poolIdleTimeoutMs,
      isProxy,
    })
    const makeHttp2 = () =>
      createHttp2Upstream({
        connect: connectEndpoint(endpoint, context, 'http2'),
        transport,
        idleTimeoutMs: HTTP2_IDLE_TIMEOUT_MS,
        settings: { ...config.http2.outboundClient, ...endpoint.http2Settings },
        isProxy,
        credentials: () => (endpoint.tls === null ? null : context.identity.current()),
      })
    this.upstream = upstreamByVersion(http1, makeHttp2, endpoint.http2 && endpoint.tls !== null)
  }

  /** Leaves the endpoint alone for its failures from now on; `null`: no more. */
  accrueBy(settings: AccrualSettings | null): void {
    if (isSameAccrual(this.accrualSettings, settings)) return
    this.accrualSettings = settings
    this.accrual = settings === null ? null : new FailureAccrual(settings, this.context.random)
  }

  /** Whether it is not left alone for its failures. */
  isOpen(nowMs: number): boolean {
    return this.accrual === null || this.accrual.isAvailable(nowMs)
  }

  began(): void {
    this.load.pending++
  }

  /** What began is a request, whose end will be told. */
  requested(nowMs: number): void {
    this.accrual?.began(nowMs)
  }

  /** An answer's first frame came, or its failure, `rttMs` after the request. */
  answered(rttMs: number, nowMs: number): void {
    this.load.pending--
    this.observe(rttMs, nowMs)
  }

  /** It took `rttMs` to hear of it. */
  observe(rttMs: number, nowMs: number): void {
    const { load } = this
    load.estimateMs = estimateAfter(load, rttMs, nowMs)
    load.updatedMs = nowMs
  }

  ended({ error, failure }: Outcome, nowMs: number): void {
    const isClients = error === 'client closed' || error === 'bad request'
    this.accrual?.ended(isClients ? null : failure, nowMs)
  }

  unsent(nowMs: number): void {
    this.accrual?.ended(true, nowMs)
  }

  responded(): void {
    this.connectFailures = 0
    this.unavailableUntilMs = 0
  }

  connectFailed(nowMs: number): void {
    if (nowMs < this.unavailableUntilMs) return
    this.connectFailures++
    this.unavailableUntilMs = nowMs + connectBackoffMs(this.connectFailures, this.context.random)
  }

  close(): void {
    this.upstream.close()
  }
}

/** Whether a changed description leaves the connections of the old one valid. */
export function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return (
    a.address === b.address &&
    a.inboundPort === b.inboundPort &&
    a.http2 === b.http2 &&
    JSON.stringify(a.http2Settings) === JSON.stringify(b.http2Settings) &&
    a.tls?.serverName === b.tls?.serverName &&
    a.tls?.serverId === b.tls?.serverId &&
    sameLabels(a.labels, b.labels)
  )
}

function sameLabels(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every(name => a[name] === b[name])
}
