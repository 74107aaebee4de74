import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { outboundPolicyOf } from '#lib/manifests/traffic-annotations.ts'
import {
  type BackendSchema,
  type FailureAccrualSchema,
  type HttpRouteSchema,
  type OutboundPolicy as OutboundPolicyMessage,
  OutboundPolicySchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import type { AccrualSettings, OutboundPolicy } from '#lib/policy/outbound-policy.ts'
import type { Service } from '#lib/resources/mesh-state.ts'
import { serviceFqdn } from '#server/control/destination/authority-name.ts'

const detectTimeoutMs = 10_000
/** Linkerd's figures for the load of endpoints, for queues and for waits between retries. */
const ewma = { defaultRtt: durationFromMs(30), decay: durationFromMs(10_000) }
const queue = { capacity: 100, failfastTimeout: durationFromMs(3000) }
const backoff = { minBackoff: durationFromMs(25), maxBackoff: durationFromMs(250), jitterRatio: 1 }
const maxRequestBytes = 64 * 1024

/** How proxies use a service: one route for all requests, as its annotations ask. */
export function outboundMessage(
  service: Service,
  port: number,
  clusterDomain: string,
): OutboundPolicyMessage {
  const policy = outboundPolicyOf(service.annotations)
  const { name, namespace } = service
  const metadata = {
    kind: {
      case: 'resource' as const,
      value: { group: 'core', kind: 'Service', name, namespace, port },
    },
  }
  const path = `${serviceFqdn(name, namespace, clusterDomain)}:${port}`
  const backend: MessageInitShape<typeof BackendSchema> = {
    metadata,
    queue,
    kind: {
      case: 'balancer',
      value: {
        discovery: { kind: { case: 'dst', value: { path } } },
        load: { case: 'peakEwma', value: ewma },
      },
    },
  }
  const http = {
    routes: [httpRoute(policy, backend)],
    ...(policy.failureAccrual && { failureAccrual: accrualMessage(policy.failureAccrual) }),
  }
  const opaque = {
    routes: [
      {
        metadata: byDefault('opaque'),
        rules: [
          { backends: { kind: { case: 'firstAvailable' as const, value: { backends: [{ backend }] } } } },
        ],
      },
    ],
  }
  return create(OutboundPolicySchema, {
    metadata,
    protocol: {
      kind: {
        case: 'detect',
        value: { timeout: durationFromMs(detectTimeoutMs), opaque, http1: http, http2: http },
      },
    },
  })
}

function httpRoute(
  { idleTimeoutMs, requestTimeoutMs, responseTimeoutMs, retry }: OutboundPolicy,
  backend: MessageInitShape<typeof BackendSchema>,
): MessageInitShape<typeof HttpRouteSchema> {
  return {
    metadata: byDefault('http'),
    rules: [
      {
        backends: { kind: { case: 'firstAvailable', value: { backends: [{ backend }] } } },
        timeouts: {
          ...(requestTimeoutMs !== null && { request: durationFromMs(requestTimeoutMs) }),
          ...(responseTimeoutMs !== null && { response: durationFromMs(responseTimeoutMs) }),
          ...(idleTimeoutMs !== null && { idle: durationFromMs(idleTimeoutMs) }),
        },
        ...(retry && {
          retry: {
            maxRetries: retry.maxRetries,
            maxRequestBytes,
            conditions: { statusRanges: retry.statuses.map(({ min, max }) => ({ start: min, end: max })) },
            ...(retry.attemptTimeoutMs !== null && { timeout: durationFromMs(retry.attemptTimeoutMs) }),
            backoff,
          },
        }),
      },
    ],
  }
}

function accrualMessage(settings: AccrualSettings): MessageInitShape<typeof FailureAccrualSchema> {
  const { jitterRatio, maxFailures, maxPenaltyMs, minPenaltyMs } = settings
  return {
    kind: {
      case: 'consecutiveFailures',
      value: {
        maxFailures,
        backoff: {
          minBackoff: durationFromMs(minPenaltyMs),
          maxBackoff: durationFromMs(maxPenaltyMs),
          jitterRatio,
        },
      },
    },
  }
}

function byDefault(name: string) {
  return { kind: { case: 'default' as const, value: name } }
}
