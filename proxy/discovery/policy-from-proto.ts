import { type Duration, durationMs } from '@bufbuild/protobuf/wkt'
import type { Metadata } from '#lib/mesh-api/gen/io/linkerd/proxy/meta_pb.ts'
import type {
  Backend,
  FailureAccrual,
  HttpRoute,
  HttpRoute_Filter,
  HttpRoute_Retry,
  HttpRoute_RouteBackend,
  HttpRoute_Rule,
  OutboundPolicy as OutboundPolicyMessage,
  ProxyProtocol,
  ProxyProtocol_Http1,
  ProxyProtocol_Http2,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { routeFinder } from '#lib/policy/find-route.ts'
import type { AccrualSettings, RetryPolicy } from '#lib/policy/outbound-policy.ts'
import { headerEdit, host, httpFilter, httpMatch } from '#proxy/policy/route-from-proto.ts'
import type { PolicyRouteLabels, ResourceLabels } from '#proxy/telemetry/telemetry.ts'
import type { ServiceBackend, ServicePolicy, ServiceRoute } from './discovery.ts'

/**
 * What a policy asks for HTTP requests; `null` when it says nothing of HTTP. Throws a `RangeError` for a match or filter
 * that cannot be used.
 */
export function policyFromProto({ metadata, protocol }: OutboundPolicyMessage): ServicePolicy | null {
  const http = httpOf(protocol)
  if (http === null || http.routes.length === 0) return null
  const parent = labelsFromProto(metadata)
  const routes = http.routes.map(route => routeFromProto(route, parent))
  return { failureAccrual: accrualFromProto(http.failureAccrual), routes, find: routeFinder(routes) }
}

function httpOf(protocol: ProxyProtocol | undefined): ProxyProtocol_Http1 | ProxyProtocol_Http2 | null {
  const kind = protocol?.kind
  if (kind?.case === 'detect') return kind.value.http1 ?? kind.value.http2 ?? null
  return kind?.case === 'http1' || kind?.case === 'http2' ? kind.value : null
}

function routeFromProto({ hosts, metadata, rules }: HttpRoute, parent: ResourceLabels): ServiceRoute {
  const labels = { parent, route: labelsFromProto(metadata) }
  return {
    hosts: hosts.map(host),
    rules: rules.map(rule => ({
      matches: rule.matches.map(httpMatch),
      ...filtersFromProto(rule.filters),
      allowsRequestHeaders: rule.allowL5dRequestHeaders,
      backends: backendsFromProto(rule, labels),
      retry: retryFromProto(rule.retry),
      requestTimeoutMs: millisecondsOf(rule.timeouts?.request),
      responseTimeoutMs: millisecondsOf(rule.timeouts?.response),
      idleTimeoutMs: millisecondsOf(rule.timeouts?.idle),
    })),
  }
}

function filtersFromProto(
  filters: readonly HttpRoute_Filter[],
): Pick<ServiceBackend, 'filters' | 'responseEdits'> {
  return {
    filters: filters.flatMap(({ kind }) =>
      kind.case === 'responseHeaderModifier' ? [] : [httpFilter(kind)],
    ),
    responseEdits: filters.flatMap(({ kind }) =>
      kind.case === 'responseHeaderModifier' ? [headerEdit(kind.value)] : [],
    ),
  }
}

function backendsFromProto(
  { backends }: HttpRoute_Rule,
  labels: Omit<PolicyRouteLabels, 'backend'>,
): readonly ServiceBackend[] {
  const read = (backend: HttpRoute_RouteBackend | undefined, weight: number): ServiceBackend => ({
    authority: authorityOf(backend?.backend),
    weight,
    ...filtersFromProto(backend?.filters ?? []),
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

function retryFromProto(retry: HttpRoute_Retry | undefined): RetryPolicy | null {
  if (retry === undefined) return null
  const ranges = retry.conditions?.statusRanges ?? []
  return {
    statuses: ranges.map(({ end, start }) => ({ min: start, max: end })),
    grpcCodes: [],
    maxRetries: retry.maxRetries,
    attemptTimeoutMs: millisecondsOf(retry.timeout),
  }
}

/** `null` for a time that is not set, or none at all. */
function millisecondsOf(duration: Duration | undefined): number | null {
  const ms = duration === undefined ? 0 : durationMs(duration)
  return ms > 0 ? ms : null
}
