import { type Duration, durationMs } from '@bufbuild/protobuf/wkt'
import type { Metadata } from '#lib/mesh-api/gen/io/linkerd/proxy/meta_pb.ts'
import type {
  FailureAccrual,
  HttpRoute_Retry,
  HttpRoute_Rule,
  OutboundPolicy as OutboundPolicyMessage,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import type { AccrualSettings, RetryPolicy } from '#lib/policy/outbound-policy.ts'
import type { ResourceLabels } from '#proxy/telemetry/telemetry.ts'
import type { ServicePolicy } from './discovery.ts'

/**
 * What a policy asks for all HTTP requests: that of the first rule of its first route. `null` when it says nothing of
 * HTTP.
 */
export function policyFromProto({ metadata, protocol }: OutboundPolicyMessage): ServicePolicy | null {
  const kind = protocol?.kind
  const http = kind?.case === 'detect' ? kind.value.http1 : kind?.case === 'http1' ? kind.value : undefined
  const route = http?.routes[0]
  const rule = route?.rules[0]
  if (http === undefined || rule === undefined) return null
  return {
    failureAccrual: accrualFromProto(http.failureAccrual),
    retry: retryFromProto(rule.retry),
    requestTimeoutMs: millisecondsOf(rule.timeouts?.request),
    responseTimeoutMs: millisecondsOf(rule.timeouts?.response),
    idleTimeoutMs: millisecondsOf(rule.timeouts?.idle),
    labels: {
      parent: labelsFromProto(metadata),
      route: labelsFromProto(route?.metadata),
      backend: labelsFromProto(backendOf(rule)),
    },
  }
}

/** What the first backend is called. */
function backendOf({ backends }: HttpRoute_Rule): Metadata | undefined {
  switch (backends?.kind.case) {
    case 'firstAvailable':
      return backends.kind.value.backends[0]?.backend?.metadata
    case 'randomAvailable':
      return backends.kind.value.backends[0]?.backend?.backend?.metadata
    case 'empty':
    case undefined:
      return undefined
  }
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
    maxRetries: retry.maxRetries,
    attemptTimeoutMs: millisecondsOf(retry.timeout),
  }
}

/** `null` for a time that is not set, or none at all. */
function millisecondsOf(duration: Duration | undefined): number | null {
  const ms = duration === undefined ? 0 : durationMs(duration)
  return ms > 0 ? ms : null
}
