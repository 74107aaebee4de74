import { ClientAddresses } from './client-addresses.ts'
import { CounterSeries } from './counter-series.ts'
import { HttpSeries } from './http-series.ts'
import { PolicyRouteSeries } from './policy-route-series.ts'
import { SeriesGroup } from './series-group.ts'
import { TransportSeries } from './transport-series.ts'

/** Label sets a family may have at a time. */
const MAX_SERIES = 4096
/** Callers without an identity that are told apart. */
const MAX_CLIENT_ADDRESSES = 256

/** Linkerd's buckets of `outbound_http_route_*`. */
const ROUTE_BOUNDS_SECONDS = [0.05, 0.5, 1, 10]
const BACKEND_BOUNDS_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 10]

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
  readonly http = this.#httpGroup()
  readonly routes = this.#httpGroup()
  readonly routesActual = this.#httpGroup()
  readonly routesRetryable = this.#counterGroup()
  readonly policyRoutes = this.#policyGroup(ROUTE_BOUNDS_SECONDS)
  readonly policyBackends = this.#policyGroup(BACKEND_BOUNDS_SECONDS)
  readonly retryRequests = this.#counterGroup()
  readonly retrySuccesses = this.#counterGroup()
  readonly retryLimits = this.#counterGroup()
  readonly clientHttp = this.#httpGroup()
  readonly transports = this.#transportGroup()
  readonly clientTransports = this.#transportGroup()
  readonly httpAllowed = this.#counterGroup()
  readonly httpDenied = this.#counterGroup()
  readonly httpRouteNotFound = this.#counterGroup()
  readonly httpLimited = this.#counterGroup()
  readonly tcpAllowed = this.#counterGroup()
  readonly tcpDenied = this.#counterGroup()
  readonly tcpTerminated = this.#counterGroup()
  readonly clientDenied = this.#counterGroup()
  readonly inboundHttpErrors = this.#counterGroup()
  readonly inboundTcpErrors = this.#counterGroup()
  readonly outboundHttpErrors = this.#counterGroup()
  readonly outboundTcpErrors = this.#counterGroup()
  readonly transportHeaders = this.#counterGroup()
  readonly tapEvents = this.#counterGroup()
  readonly clientAddresses = new ClientAddresses(MAX_CLIENT_ADDRESSES)

  #httpGroup(): SeriesGroup<HttpSeries> {
    return new SeriesGroup((labels, list) => new HttpSeries(labels, list), this.#bounds)
  }

  #policyGroup(boundsSeconds: readonly number[]): SeriesGroup<PolicyRouteSeries> {
    return new SeriesGroup((labels, list) => new PolicyRouteSeries(labels, list, boundsSeconds), this.#bounds)
  }

  #transportGroup(): SeriesGroup<TransportSeries> {
    return new SeriesGroup((labels, list) => new TransportSeries(labels, list), this.#bounds)
  }

  #counterGroup(): SeriesGroup<CounterSeries> {
    return new SeriesGroup((labels, list) => new CounterSeries(labels, list), this.#bounds)
  }
}
