import type { CounterSeries } from './counter-series.ts'
import { policyRouteLabels } from './labels.ts'
import { PolicyRouteSeries } from './policy-route-series.ts'
import { SeriesGroup } from './series-group.ts'
import type { PolicyRouteLabels, PolicyRouteMetrics } from './telemetry.ts'

/** Linkerd's buckets. */
const ROUTE_BOUNDS_SECONDS = [0.05, 0.5, 1, 10]
const BACKEND_BOUNDS_SECONDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 10]

export interface GroupBounds {
  readonly maxSeries: number
  readonly onFull: () => void
}

/** All that families `outbound_http_route_*` print, or `outbound_grpc_route_*`. */
export class PolicyRouteStore {
  readonly routes: SeriesGroup<PolicyRouteSeries>
  readonly backends: SeriesGroup<PolicyRouteSeries>
  readonly retries: Readonly<
    Record<'requests' | 'successes' | 'limit_exceeded' | 'overflow', SeriesGroup<CounterSeries>>
  >

  constructor(
    readonly kind: PolicyRouteLabels['kind'],
    bounds: GroupBounds,
    counters: () => SeriesGroup<CounterSeries>,
  ) {
    const group = (boundsSeconds: readonly number[]) =>
      new SeriesGroup((labels, list) => new PolicyRouteSeries(labels, list, boundsSeconds, kind), bounds)
    this.routes = group(ROUTE_BOUNDS_SECONDS)
    this.backends = group(BACKEND_BOUNDS_SECONDS)
    this.retries = {
      requests: counters(),
      successes: counters(),
      limit_exceeded: counters(),
      overflow: counters(),
    }
  }

  bind(labels: PolicyRouteLabels): PolicyRouteMetrics {
    const route = policyRouteLabels(labels, 'route')
    const { retries } = this
    const requests = retries.requests.bind(route)
    const successes = retries.successes.bind(route)
    const limits = retries.limit_exceeded.bind(route)
    const overflows = retries.overflow.bind(route)
    return {
      effective: this.routes.bind(route),
      actual: this.backends.bind(policyRouteLabels(labels, 'backend')),
      retried: () => requests.increment(),
      retrySucceeded: () => successes.increment(),
      retryLimitExceeded: () => limits.increment(),
      retryOverflowed: () => overflows.increment(),
    }
  }
}
