import type { MessageInitShape } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import type {
  HttpRoute_FilterSchema,
  HttpRoute_RuleSchema,
  HttpRouteSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import type { RoutePolicy } from '#lib/policy/outbound-policy.ts'
import { routeFilter } from '#lib/policy/resource-routes.ts'
import type { HttpRoute, HttpRouteFilter } from '#lib/resources/policy-objects.ts'
import {
  filterMessage,
  hostMessage,
  matchMessage,
  responseMessage,
} from '#server/control/policy/route-message.ts'
import { type BackendMessage, backendMessage, byDefault, resource } from './backend-message.ts'
import type { RoutedService } from './outbound-message.ts'
import { retryMessage, timeoutsMessage, usageOf } from './usage-message.ts'

type RuleMessage = MessageInitShape<typeof HttpRoute_RuleSchema>

/** The route for all requests of a service that has none. */
export function defaultHttpRoute({ backend, policy, usage }: RoutedService) {
  return {
    metadata: byDefault('http'),
    rules: [{ backends: all(backend), ...usage, ...usedAs(policy) }],
  } satisfies MessageInitShape<typeof HttpRouteSchema>
}

/** An HTTPRoute of a service. */
export function httpRouteMessage(route: HttpRoute, service: RoutedService) {
  return {
    metadata: resource('HTTPRoute', route),
    hosts: route.hostnames.map(hostMessage),
    rules: route.rules.map(rule => ruleMessage(rule, route, service)),
  } satisfies MessageInitShape<typeof HttpRouteSchema>
}

function ruleMessage(
  rule: HttpRoute['rules'][number],
  route: HttpRoute,
  { backend: own, clusterDomain, policy, port, usage }: RoutedService,
): RuleMessage {
  const { backendRequestTimeoutMs } = rule
  const timeout =
    backendRequestTimeoutMs === null ? {} : { requestTimeout: durationFromMs(backendRequestTimeoutMs) }
  const backends = rule.backends.map(ref => ({
    weight: ref.weight,
    backend: {
      backend: backendMessage(ref, ref.port ?? port, clusterDomain),
      filters: ref.filters.map(outboundFilter),
      ...timeout,
    },
  }))
  return {
    matches: rule.matches.map(matchMessage),
    filters: rule.filters.map(outboundFilter),
    backends:
      backends.length > 0 ? { kind: { case: 'randomAvailable', value: { backends } } } : all(own, timeout),
    ...usage,
    ...usedAs(usageOf(route.annotations, policy, rule.requestTimeoutMs)),
  }
}

function all(backend: BackendMessage, more = {}) {
  return { kind: { case: 'firstAvailable' as const, value: { backends: [{ backend, ...more }] } } }
}

function outboundFilter(filter: HttpRouteFilter): MessageInitShape<typeof HttpRoute_FilterSchema> {
  const [onRequest] = routeFilter(filter)
  if (onRequest !== undefined) return filterMessage(onRequest)
  return filter.kind === 'response-headers' ? responseMessage(filter) : { kind: { case: undefined } }
}

function usedAs(policy: RoutePolicy): Pick<RuleMessage, 'timeouts' | 'retry'> {
  const { retry } = policy
  const statusRanges = (retry?.statuses ?? []).map(({ min, max }) => ({ start: min, end: max }))
  return {
    timeouts: timeoutsMessage(policy),
    ...(retry !== null &&
      statusRanges.length > 0 && { retry: { ...retryMessage(retry), conditions: { statusRanges } } }),
  }
}
