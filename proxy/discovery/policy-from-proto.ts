import { type Duration, durationMs } from '@bufbuild/protobuf/wkt'
import type { Metadata } from '#lib/mesh-api/gen/io/linkerd/proxy/meta_pb.ts'
import type {
  Backend,
  ExponentialBackoff,
  FailureAccrual,
  GrpcRoute,
  GrpcRoute_Filter,
  GrpcRoute_Retry,
  GrpcRoute_Retry_Conditions,
  GrpcRoute_Rule,
  HttpRoute,
  HttpRoute_Retry,
  HttpRoute_Retry_Conditions_StatusRange,
  HttpRoute_Rule,
  OutboundPolicy as OutboundPolicyMessage,
  ProxyProtocol,
  ProxyProtocol_Http1,
  ProxyProtocol_Http2,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import type { AccrualSettings, RetryPolicy } from '#lib/policy/outbound-policy.ts'
import { grpcFilter, grpcMatch, host, httpFilters, httpMatch } from '#proxy/policy/route-from-proto.ts'
import type { PolicyRouteLabels, ResourceLabels } from '#proxy/telemetry/telemetry.ts'
import type { ServiceBackend, ServicePolicy, ServiceRoute } from './discovery.ts'
import { servicePolicy } from './service-policy.ts'

/**
 * What a policy asks for HTTP requests; `null` when it says nothing of HTTP. Throws a `RangeError` for a match or filter
 * that cannot be used.
 */
export function policyFromProto({ metadata, protocol }: OutboundPolicyMessage): ServicePolicy | null {
  const parent = labelsFromProto(metadata)
  const kind = protocol?.kind
  if (kind?.case === 'grpc') {
    const { failureAccrual, routes } = kind.value
    return policyOf(
      routes.map(route => grpcRouteFromProto(route, parent)),
      failureAccrual,
    )
  }
  const http = httpOf(kind)
  return (
    http &&
    policyOf(
      http.routes.map(route => httpRouteFromProto(route, parent)),
      http.failureAccrual,
    )
  )
}

function policyOf(
  routes: readonly ServiceRoute[],
  accrual: FailureAccrual | undefined,
): ServicePolicy | null {
  if (routes.length === 0) return null
  return servicePolicy(routes, accrualFromProto(accrual))
}

function httpOf(kind: ProxyProtocol['kind'] | undefined): ProxyProtocol_Http1 | ProxyProtocol_Http2 | null {
  if (kind?.case === 'detect') return kind.value.http1 ?? kind.value.http2 ?? null
  return kind?.case === 'http1' || kind?.case === 'http2' ? kind.value : null
}

function httpRouteFromProto({ hosts, metadata, rules }: HttpRoute, parent: ResourceLabels): ServiceRoute {
  const labels = { kind: 'http' as const, parent, route: labelsFromProto(metadata) }
  return {
    hosts: hosts.map(host),
    rules: rules.map(rule => ({
      matches: rule.matches.map(httpMatch),
      ...httpFilters(rule.filters),
      ...usageFromProto(rule),
      backends: backendsFromProto(rule, labels, httpFilters),
      retry: retryFromProto(rule.retry, { statusRanges: rule.retry?.conditions?.statusRanges ?? [] }),
    })),
  }
}

function grpcRouteFromProto({ hosts, metadata, rules }: GrpcRoute, parent: ResourceLabels): ServiceRoute {
  const labels = { kind: 'grpc' as const, parent, route: labelsFromProto(metadata) }
  const filtersOf = (filters: readonly GrpcRoute_Filter[]) => ({
    filters: filters.map(({ kind }) => grpcFilter(kind)),
    responseEdits: [],
  })
  return {
    hosts: hosts.map(host),
    rules: rules.map(rule => ({
      matches: rule.matches.map(grpcMatch),
      ...filtersOf(rule.filters),
      ...usageFromProto(rule),
      backends: backendsFromProto(rule, labels, filtersOf),
      retry: retryFromProto(rule.retry, { codes: codesOf(rule.retry?.conditions) }),
    })),
  }
}

function usageFromProto({ allowL5dRequestHeaders, timeouts }: HttpRoute_Rule | GrpcRoute_Rule) {
  return {
    allowsRequestHeaders: allowL5dRequestHeaders,
    requestTimeoutMs: millisecondsOf(timeouts?.request),
    responseTimeoutMs: millisecondsOf(timeouts?.response),
    idleTimeoutMs: millisecondsOf(timeouts?.idle),
  }
}

/** The gRPC codes that are retried, each a field of its own number. */
function codesOf(conditions: GrpcRoute_Retry_Conditions | undefined): readonly number[] {
  if (conditions === undefined) return []
  const { cancelled, deadineExceeded, internal, resourceExhausted, unavailable } = conditions
  const all: readonly (readonly [code: number, isRetried: boolean])[] = [
    [1, cancelled],
    [4, deadineExceeded],
    [8, resourceExhausted],
    [13, internal],
    [14, unavailable],
  ]
  return all.flatMap(([code, isRetried]) => (isRetried ? [code] : []))
}

/** What rules of HTTP and of gRPC say of their backends alike. */
interface BackendOf<Filter> {
  readonly backend?: Backend | undefined
  readonly filters: readonly Filter[]
  readonly requestTimeout?: Duration | undefined
}

interface RuleOf<Filter> {
  readonly backends?:
    | {
        readonly kind:
          | { readonly case: 'empty' | undefined }
          | {
              readonly case: 'firstAvailable'
              readonly value: { readonly backends: readonly BackendOf<Filter>[] }
            }
          | {
              readonly case: 'randomAvailable'
              readonly value: {
                readonly backends: readonly {
                  readonly backend?: BackendOf<Filter> | undefined
                  readonly weight: number
                }[]
              }
            }
      }
    | undefined
}

function backendsFromProto<Filter>(
  { backends }: RuleOf<Filter>,
  labels: Omit<PolicyRouteLabels, 'backend'>,
  filtersOf: (filters: readonly Filter[]) => Pick<ServiceBackend, 'filters' | 'responseEdits'>,
): readonly ServiceBackend[] {
  const read = (backend: BackendOf<Filter> | undefined, weight: number): ServiceBackend => ({
    authority: authorityOf(backend?.backend),
    weight,
    ...filtersOf(backend?.filters ?? []),
    timeoutMs: millisecondsOf(backend?.requestTimeout),
    labels: { ...labels, backend: labelsFromProto(backend?.backend?.metadata) },
  })
  const kind = backends?.kind
  switch (kind?.case) {
    case 'firstAvailable':
      return kind.value.backends.slice(0, 1).map(backend => read(backend, 1))
    case 'randomAvailable':
      return kind.value.backends.map(({ backend, weight }) => read(backend, weight))
    case 'empty':
    case undefined:
      return []
  }
}

function authorityOf(backend: Backend | undefined): string | null {
  const kind = backend?.kind
  return kind?.case === 'balancer' ? (kind.value.discovery?.kind.value?.path ?? null) : null
}

function labelsFromProto(metadata: Metadata | undefined): ResourceLabels {
  const kind = metadata?.kind
  if (kind?.case === 'resource') return kind.value
  return { group: '', kind: 'default', namespace: '', name: kind?.value ?? '', port: 0, section: '' }
}

function accrualFromProto(accrual: FailureAccrual | undefined): AccrualSettings | null {
  if (accrual?.kind.case !== 'consecutiveFailures') return null
  const { backoff, maxFailures } = accrual.kind.value
  const minPenaltyMs = millisecondsOf(backoff?.minBackoff)
  const maxPenaltyMs = millisecondsOf(backoff?.maxBackoff)
  if (maxFailures < 1 || minPenaltyMs === null || maxPenaltyMs === null) return null
  return { maxFailures, minPenaltyMs, maxPenaltyMs, jitterRatio: Math.max(0, backoff?.jitterRatio ?? 0) }
}

function backoffFromProto(backoff: ExponentialBackoff | undefined): Pick<RetryPolicy, 'backoff'> {
  const minMs = millisecondsOf(backoff?.minBackoff)
  const maxMs = millisecondsOf(backoff?.maxBackoff)
  if (backoff === undefined || minMs === null || maxMs === null) return {}
  return { backoff: { minMs, maxMs: Math.max(minMs, maxMs), jitterRatio: Math.max(0, backoff.jitterRatio) } }
}

function retryFromProto(
  retry: HttpRoute_Retry | GrpcRoute_Retry | undefined,
  {
    codes = [],
    statusRanges = [],
  }: {
    readonly codes?: readonly number[]
    readonly statusRanges?: readonly HttpRoute_Retry_Conditions_StatusRange[]
  },
): RetryPolicy | null {
  if (retry === undefined) return null
  return {
    statuses: statusRanges.map(({ end, start }) => ({ min: start, max: end })),
    grpcCodes: codes,
    maxRetries: retry.maxRetries,
    attemptTimeoutMs: millisecondsOf(retry.timeout),
    ...backoffFromProto(retry.backoff),
  }
}

/** `null` for a time that is not set, or none at all. */
function millisecondsOf(duration: Duration | undefined): number | null {
  const ms = duration === undefined ? 0 : durationMs(duration)
  return ms > 0 ? ms : null
}
