import { BalancerSeries } from './balancer-series.ts'
import { ClientAddresses } from './client-addresses.ts'
import { CounterSeries } from './counter-series.ts'
import { DurationSeries } from './duration-series.ts'
import { HttpSeries } from './http-series.ts'
import { PolicyRouteStore } from './policy-route-store.ts'
import { SeriesGroup } from './series-group.ts'
import { TransferCosts } from './transfer-costs.ts'
import { TransportSeries } from './transport-series.ts'

/** Label sets a family may have at a time. */
const MAX_SERIES = 4096
/** Those of requests have a histogram each: all of them fit into what the server reads of one proxy. */
const MAX_HTTP_SERIES = 1280
/** Linkerd's buckets of `*_tcp_detect_http_duration_seconds`. */
const DETECT_BOUNDS_SECONDS = [0.001, 0.1]
/** Callers without an identity that are told apart. */
const MAX_CLIENT_ADDRESSES = 256

/** Everything that was counted, by family and labels. */
export class SeriesStore {
  /** Counts made while their family had no room to list them. */
  heldBack = 0
  readonly #bounds = {
    maxSeries: MAX_SERIES,
    onFull: () => {
      this.heldBack++
    },
  }
  readonly #httpBounds = { ...this.#bounds, maxSeries: MAX_HTTP_SERIES }
  readonly http = this.#httpGroup()
  readonly control = this.#httpGroup()
  readonly routes = this.#httpGroup()
  readonly routesActual = this.#httpGroup()
  readonly routesRetryable = this.#counterGroup()
  readonly policyRoutes = {
    http: new PolicyRouteStore('http', this.#bounds, () => this.#counterGroup()),
    grpc: new PolicyRouteStore('grpc', this.#bounds, () => this.#counterGroup()),
  }
  readonly balancers: Readonly<Record<'http' | 'tcp', SeriesGroup<BalancerSeries>>>
  readonly clientHttp = this.#httpGroup()
  /** Of transports that left for being idle: a sum over all goes on. */
  readonly transferred = new TransferCosts()
  readonly transports = this.#transportGroup(one => this.transferred.left(one))
  readonly clientTransports = this.#transportGroup()
  readonly httpAllowed = this.#counterGroup()
  readonly httpDenied = this.#counterGroup()
  readonly httpRouteNotFound = this.#counterGroup()
  readonly httpLimited = this.#counterGroup()
  readonly tcpAllowed = this.#counterGroup()
  readonly tcpDenied = this.#counterGroup()
  readonly tcpTerminated = this.#counterGroup()
  readonly clientDenied = this.#counterGroup()
  readonly clientLimited = this.#counterGroup()
  readonly clientUnrouted = this.#counterGroup()
  readonly inboundHttpErrors = this.#counterGroup()
  readonly inboundTcpErrors = this.#counterGroup()
  readonly outboundHttpErrors = this.#counterGroup()
  readonly outboundTcpErrors = this.#counterGroup()
  readonly transportHeaders = this.#counterGroup()
  readonly protocolConnections = this.#counterGroup()
  readonly tcpRouteOpened = this.#counterGroup()
  readonly tcpRouteClosed = this.#counterGroup()
  readonly inboundDetected = this.#counterGroup()
  readonly inboundDetectSeconds = this.#detectGroup()
  readonly outboundDetected = this.#counterGroup()
  readonly outboundDetectSeconds = this.#detectGroup()
  readonly tapEvents = this.#counterGroup()
  readonly clientAddresses = new ClientAddresses(MAX_CLIENT_ADDRESSES)

  constructor(nowMs: () => number) {
    const group = () =>
      new SeriesGroup((labels, list) => new BalancerSeries(labels, list, nowMs), this.#bounds)
    this.balancers = { http: group(), tcp: group() }
  }

  #httpGroup(): SeriesGroup<HttpSeries> {
    return new SeriesGroup((labels, list) => new HttpSeries(labels, list), this.#httpBounds)
  }

  #transportGroup(onLeave?: (series: TransportSeries) => void): SeriesGroup<TransportSeries> {
    return new SeriesGroup((labels, list) => new TransportSeries(labels, list, onLeave), this.#bounds)
  }

  #detectGroup(): SeriesGroup<DurationSeries> {
    return new SeriesGroup(
      (labels, list) => new DurationSeries(labels, list, DETECT_BOUNDS_SECONDS),
      this.#bounds,
    )
  }

  #counterGroup(): SeriesGroup<CounterSeries> {
    return new SeriesGroup((labels, list) => new CounterSeries(labels, list), this.#bounds)
  }
}
