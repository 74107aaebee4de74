import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { outboundPolicyOf } from '#lib/manifests/traffic-annotations.ts'
import {
  type FailureAccrualSchema,
  type HttpRoute_FilterSchema,
  type HttpRoute_RuleSchema,
  type OutboundPolicy as OutboundPolicyMessage,
  OutboundPolicySchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import type { AccrualSettings, RoutePolicy } from '#lib/policy/outbound-policy.ts'
import { routeFilter } from '#lib/policy/resource-routes.ts'
import type { Service } from '#lib/resources/mesh-state.ts'
import type { HttpRoute, HttpRouteFilter } from '#lib/resources/policy-objects.ts'
import { serviceFqdn } from '#server/control/destination/authority-name.ts'
import {
  filterMessage,
  headersMessage,
  hostMessage,
  matchMessage,
} from '#server/control/policy/route-message.ts'

const detectTimeoutMs = 10_000
/** Linkerd's figures for the load of endpoints, for queues and for waits between retries. */
const ewma = { defaultRtt: durationFromMs(30), decay: durationFromMs(10_000) }
const queue = { capacity: 100, failfastTimeout: durationFromMs(3000) }
const backoff = { minBackoff: durationFromMs(25), maxBackoff: durationFromMs(250), jitterRatio: 1 }
const maxRequestBytes = 64 * 1024

export interface OutboundPolicyOptions {
  /** Whether clients may ask for retries and timeouts by headers of their requests. */
  readonly allowsRequestHeaders: boolean
}

/**
 * How proxies use a service: by its routes, what they leave open by its annotations; without a route, by one for all
 * requests.
 */
export function outboundMessage(
  service: Service,
  port: number,
  clusterDomain: string,
  routes: readonly HttpRoute[],
  { allowsRequestHeaders }: OutboundPolicyOptions,
): OutboundPolicyMessage {
  const policy = outboundPolicyOf(service.annotations)
  const backend = backendMessage(service, port, clusterDomain)
  const byName = routes.map(one => ({
    metadata: resource('HTTPRoute', one),
    hosts: one.hostnames.map(hostMessage),
    rules: one.rules.map(rule => ruleMessage(rule, one, policy, backend, clusterDomain)),
  }))
  const used = byName.length > 0 ? byName : [httpRoute(policy, backend)]
  const http = {
    routes: used.map(route => ({
      ...route,
      rules: route.rules.map(rule => ({ ...rule, allowL5dRequestHeaders: allowsRequestHeaders })),
    })),
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
    metadata: backend.metadata,
    protocol: {
      kind: {
        case: 'detect',
        value: { timeout: durationFromMs(detectTimeoutMs), opaque, http1: http, http2: http },
      },
    },
  })
}

type RuleMessage = MessageInitShape<typeof HttpRoute_RuleSchema>

interface ServiceName {
  readonly name: string
  readonly namespace: string
}

function backendMessage({ name, namespace }: ServiceName, port: number, clusterDomain: string) {
  const path = `${serviceFqdn(name, namespace, clusterDomain)}:${port}`
  return {
    metadata: resource('Service', { group: 'core', name, namespace }, port),
    queue,
    kind: {
      case: 'balancer' as const,
      value: {
        discovery: { kind: { case: 'dst' as const, value: { path } } },
        load: { case: 'peakEwma' as const, value: ewma },
      },
    },
  }
}

type BackendMessage = ReturnType<typeof backendMessage>

function resource(
  kind: string,
  { group, name, namespace }: ServiceName & { readonly group: string },
  port = 0,
) {
  return { kind: { case: 'resource' as const, value: { group, kind, name, namespace, port } } }
}

function httpRoute(policy: RoutePolicy, backend: BackendMessage) {
  return {
    metadata: byDefault('http'),
    rules: [
      {
        backends: { kind: { case: 'firstAvailable' as const, value: { backends: [{ backend }] } } },
        ...usage(policy),
      },
    ],
  }
}

function ruleMessage(
  rule: HttpRoute['rules'][number],
  route: HttpRoute,
  service: RoutePolicy,
  own: BackendMessage,
  clusterDomain: string,
): RuleMessage {
  const asked = outboundPolicyOf(route.annotations)
  const timeouts = {
    requestTimeoutMs: rule.requestTimeoutMs ?? asked.requestTimeoutMs,
    responseTimeoutMs: asked.responseTimeoutMs,
    idleTimeoutMs: asked.idleTimeoutMs,
  }
  const saysTimeouts = Object.values(timeouts).some(ms => ms !== null)
  const { backendRequestTimeoutMs } = rule
  const timeout =
    backendRequestTimeoutMs === null ? {} : { requestTimeout: durationFromMs(backendRequestTimeoutMs) }
  const backends = rule.backends.map(ref => ({
    weight: ref.weight,
    backend: {
      backend: backendMessage(ref, ref.port ?? own.metadata.kind.value.port, clusterDomain),
      filters: ref.filters.map(outboundFilter),
      ...timeout,
    },
  }))
  return {
    matches: rule.matches.map(matchMessage),
    filters: rule.filters.map(outboundFilter),
    backends: {
      kind:
        backends.length > 0
          ? { case: 'randomAvailable', value: { backends } }
          : { case: 'firstAvailable', value: { backends: [{ backend: own, ...timeout }] } },
    },
    ...usage({ retry: asked.retry ?? service.retry, ...(saysTimeouts ? timeouts : timeoutsOf(service)) }),
  }
}

function timeoutsOf({ idleTimeoutMs, requestTimeoutMs, responseTimeoutMs }: RoutePolicy) {
  return { idleTimeoutMs, requestTimeoutMs, responseTimeoutMs }
}

function outboundFilter(filter: HttpRouteFilter): MessageInitShape<typeof HttpRoute_FilterSchema> {
  const [onRequest] = routeFilter(filter)
  if (onRequest !== undefined) return filterMessage(onRequest)
  if (filter.kind !== 'response-headers') return { kind: { case: undefined } }
  const { add, remove, set } = filter
  return {
    kind: {
      case: 'responseHeaderModifier',
      value: { add: headersMessage(add), set: headersMessage(set), remove: [...remove] },
    },
  }
}

function usage({
  idleTimeoutMs,
  requestTimeoutMs,
  responseTimeoutMs,
  retry,
}: RoutePolicy): Pick<RuleMessage, 'timeouts' | 'retry'> {
  return {
    timeouts: {
      ...(requestTimeoutMs !== null && { request: durationFromMs(requestTimeoutMs) }),
      ...(responseTimeoutMs !== null && { response: durationFromMs(responseTimeoutMs) }),
      ...(idleTimeoutMs !== null && { idle: durationFromMs(idleTimeoutMs) }),
    },
    ...(retry !== null &&
      retry.statuses.length > 0 && {
        retry: {
          maxRetries: retry.maxRetries,
          maxRequestBytes,
          conditions: { statusRanges: retry.statuses.map(({ min, max }) => ({ start: min, end: max })) },
          ...(retry.attemptTimeoutMs !== null && { timeout: durationFromMs(retry.attemptTimeoutMs) }),
          backoff,
        },
      }),
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
