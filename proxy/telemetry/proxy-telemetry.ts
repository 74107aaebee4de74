import { labelsText } from '#lib/metrics/exposition-writer.ts'
import type { RateLimitScope } from '#lib/policy/rate-limiter.ts'
import type { PolicyRef } from '#lib/policy/server-policy.ts'
import { BothHttp, BothTransport } from './both.ts'
import type { CounterSeries } from './counter-series.ts'
import * as labelled from './labels.ts'
import type { ProcessStats } from './process-stats.ts'
import { renderExposition } from './render-exposition.ts'
import type { BuildInfo } from './render-process.ts'
import { SeriesStore } from './series-store.ts'
import type {
  BalancerLabels,
  BalancerMetrics,
  ControlAddressLabels,
  DetectResult,
  HttpMetrics,
  InboundHttpLabels,
  InboundLabels,
  OutboundLabels,
  PolicyRouteLabels,
  PolicyRouteMetrics,
  ResourceLabels,
  RetryMetrics,
  ServiceConnectionMetrics,
  TapResult,
  Telemetry,
  TransportMetrics,
} from './telemetry.ts'

export interface TelemetryOptions {
  readonly nowMs: () => number
  /** A series leaves when nothing was counted on it for this long. */
  readonly retainIdleMs: number
  readonly processStats: () => ProcessStats
  readonly build: BuildInfo
}

/** Counters that one connection's requests go to again and again. */
interface BoundCounters {
  readonly allowed: WeakMap<PolicyRef, CounterSeries>
  denied: readonly CounterSeries[] | null
}

const boundCounters = (): BoundCounters => ({ allowed: new WeakMap(), denied: null })

/** The proxy's counters, printed as linkerd2-proxy prints them. */
export class ProxyTelemetry implements Telemetry {
  readonly #store: SeriesStore
  readonly #options: TelemetryOptions
  readonly #http = new WeakMap<InboundLabels, BoundCounters>()
  readonly #tcp = new WeakMap<InboundLabels, BoundCounters>()
  #certificate = {
    expiresAtMs: null as number | null,
    refreshedAtMs: null as number | null,
    refreshes: 0,
    failures: 0,
  }

  constructor(options: TelemetryOptions) {
    this.#options = options
    this.#store = new SeriesStore(options.nowMs)
  }

  inboundHttp(labels: InboundHttpLabels, authorization: PolicyRef): HttpMetrics {
    const series = this.#store.http.bind(labelled.inboundHttpLabels(labels, authorization))
    if (!labelled.isUnidentified(labels)) return series
    return new BothHttp(series, this.#store.clientHttp.bind(this.#clientLabels(labels)))
  }

  outboundHttp(labels: OutboundLabels): HttpMetrics {
    return this.#store.http.bind(labelled.outboundHttpLabels(labels))
  }

  control(address: ControlAddressLabels): HttpMetrics {
    return this.#store.control.bind(labelled.controlLabels(address))
  }

  route(
    direction: 'inbound' | 'outbound',
    dst: string,
    routeLabels: Readonly<Record<string, string>>,
  ): HttpMetrics {
    return this.#store.routes.bind(labelled.routeLabels(direction, dst, routeLabels))
  }

  routeActual(dst: string, routeLabels: Readonly<Record<string, string>>): HttpMetrics {
    return this.#store.routesActual.bind(labelled.routeLabels('outbound', dst, routeLabels))
  }

  routeRetryable(dst: string, routeLabels: Readonly<Record<string, string>>): RetryMetrics {
    const retried = this.#store.routesRetryable.bind(labelled.retryableLabels(dst, routeLabels, null))
    const skipped = this.#store.routesRetryable.bind(labelled.retryableLabels(dst, routeLabels, 'no_budget'))
    return { retried: () => retried.increment(), skipped: () => skipped.increment() }
  }

  policyRoute(labels: PolicyRouteLabels): PolicyRouteMetrics {
    return this.#store.policyRoutes[labels.kind].bind(labels)
  }

  balancer(labels: BalancerLabels): BalancerMetrics {
    return this.#store.balancers[labels.kind].bind(labelled.balancerLabels(labels))
  }

  serviceConnections(service: ResourceLabels): ServiceConnectionMetrics {
    const store = this.#store
    const parent = labelled.parentLabels(service)
    return {
      taken: protocol =>
        store.protocolConnections.bind(`${labelsText([['protocol', protocol]])},${parent}`).increment(),
      detected: (result, durationMs) => {
        store.outboundDetected.bind(`${labelsText([['result', result]])},${parent}`).increment()
        store.outboundDetectSeconds.bind(parent).observe(durationMs / 1000)
      },
      passed: target => store.tcpRouteOpened.bind(labelled.tcpRouteLabels(parent, target, null)).increment(),
      passedEnded: (target, error) =>
        store.tcpRouteClosed.bind(labelled.tcpRouteLabels(parent, target, error)).increment(),
    }
  }

  inboundDetected(
    labels: Pick<InboundLabels, 'server' | 'targetPort'>,
    result: DetectResult,
    durationMs: number,
  ): void {
    const server = labelled.serverLabels(labels)
    this.#store.inboundDetected.bind(`${labelsText([['result', result]])},${server}`).increment()
    this.#store.inboundDetectSeconds.bind(server).observe(durationMs / 1000)
  }

  inboundSource(labels: InboundLabels): TransportMetrics {
    const series = this.#store.transports.bind(labelled.inboundSourceLabels(labels))
    if (!labelled.isUnidentified(labels)) return series
    return new BothTransport(series, this.#store.clientTransports.bind(this.#clientLabels(labels)))
  }

  inboundDestination(): TransportMetrics {
    return this.#store.transports.bind(labelled.inboundDestinationLabels())
  }

  outboundSource(targetIp: string, targetPort: number): TransportMetrics {
    return this.#store.transports.bind(labelled.outboundSourceLabels(targetIp, targetPort))
  }

  outboundDestination(labels: OutboundLabels): TransportMetrics {
    return this.#store.transports.bind(labelled.outboundDestinationLabels(labels))
  }

  httpAllowed(labels: InboundHttpLabels, authorization: PolicyRef): void {
    const { allowed } = getOrAdd(this.#http, labels, boundCounters)
    getOrAdd(allowed, authorization, () =>
      this.#store.httpAllowed.bind(labelled.httpAuthzLabels(labels, authorization)),
    ).increment()
  }

  httpDenied(labels: InboundHttpLabels): void {
    const bound = getOrAdd(this.#http, labels, boundCounters)
    bound.denied ??= [
      this.#store.httpDenied.bind(labelled.httpAuthzLabels(labels, null)),
      ...this.#clientRefused('clientDenied', labels),
    ]
    for (const series of bound.denied) series.increment()
  }

  httpRouteNotFound(labels: InboundLabels): void {
    this.#store.httpRouteNotFound.bind(labelled.routeNotFoundLabels(labels)).increment()
    for (const series of this.#clientRefused('clientUnrouted', labels)) series.increment()
  }

  httpLimited(labels: InboundLabels, limit: PolicyRef, scope: RateLimitScope): void {
    this.#store.httpLimited.bind(labelled.rateLimitLabels(labels, limit, scope)).increment()
    for (const series of this.#clientRefused('clientLimited', labels)) series.increment()
  }

  tcpAllowed(labels: InboundLabels, authorization: PolicyRef): void {
    const { allowed } = getOrAdd(this.#tcp, labels, boundCounters)
    getOrAdd(allowed, authorization, () =>
      this.#store.tcpAllowed.bind(labelled.tcpAuthzLabels(labels, authorization)),
    ).increment()
  }

  tcpDenied(labels: InboundLabels): void {
    const bound = getOrAdd(this.#tcp, labels, boundCounters)
    bound.denied ??= [
      this.#store.tcpDenied.bind(labelled.tcpAuthzLabels(labels, null)),
      ...this.#clientRefused('clientDenied', labels),
    ]
    for (const series of bound.denied) series.increment()
  }

  tcpTerminated(labels: InboundLabels): void {
    this.#store.tcpTerminated.bind(labelled.tcpAuthzLabels(labels, null)).increment()
    for (const series of this.#clientRefused('clientDenied', labels)) series.increment()
  }

  inboundHttpError(error: string, labels: InboundLabels): void {
    this.#store.inboundHttpErrors.bind(labelled.inboundHttpErrorLabels(error, labels)).increment()
  }

  inboundTcpError(error: string, targetIp: string, targetPort: number): void {
    this.#store.inboundTcpErrors.bind(labelled.inboundTcpErrorLabels(error, targetIp, targetPort)).increment()
  }

  outboundHttpError(error: string): void {
    this.#store.outboundHttpErrors.bind(labelsText([['error', error]])).increment()
  }

  outboundTcpError(error: string, targetIp: string, targetPort: number): void {
    this.#store.outboundTcpErrors
      .bind(labelled.outboundTcpErrorLabels(error, targetIp, targetPort))
      .increment()
  }

  transportHeader(sessionProtocol: string, targetPort: number, targetName: string, clientId: string): void {
    const labels = labelsText([
      ['session_protocol', sessionProtocol],
      ['target_port', String(targetPort)],
      ['target_name', targetName],
      ['client_id', clientId],
    ])
    this.#store.transportHeaders.bind(labels).increment()
  }

  tapEvent(result: TapResult): void {
    this.#store.tapEvents.bind(labelsText([['result', result]])).increment()
  }

  /** A certificate came into use. */
  certified({ expiresAtMs }: { expiresAtMs: number }): void {
    const refreshes = this.#certificate.refreshes + 1
    const refreshedAtMs = this.#options.nowMs()
    this.#certificate = { ...this.#certificate, expiresAtMs, refreshedAtMs, refreshes }
  }

  /** An attempt to get a certificate failed. */
  certificateFailed(): void {
    this.#certificate = { ...this.#certificate, failures: this.#certificate.failures + 1 }
  }

  render(): Uint8Array {
    const text = renderExposition({
      store: this.#store,
      certificate: this.#certificate,
      process: this.#options.processStats(),
      build: this.#options.build,
      nowMs: this.#options.nowMs(),
      retainIdleMs: this.#options.retainIdleMs,
    })
    return Buffer.from(text)
  }

  #clientRefused(
    family: 'clientDenied' | 'clientLimited' | 'clientUnrouted',
    labels: InboundLabels,
  ): readonly CounterSeries[] {
    if (!labelled.isUnidentified(labels)) return []
    const address = this.#store.clientAddresses.label(labels.clientIp)
    return [this.#store[family].bind(labelled.clientRefusedLabels(labels, address))]
  }

  #clientLabels(labels: InboundLabels): string {
    return labelled.clientLabels(labels, this.#store.clientAddresses.label(labels.clientIp))
  }
}

function getOrAdd<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
