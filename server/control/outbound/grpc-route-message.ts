import type { MessageInitShape } from '@bufbuild/protobuf'
import type { GrpcRouteSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import type { RoutePolicy } from '#lib/policy/outbound-policy.ts'
import type { GrpcRoute, GrpcRouteMatch, HttpRouteFilter } from '#lib/resources/policy-objects.ts'
import { headerMatchMessage, headersMessage, hostMessage } from '#server/control/policy/route-message.ts'
import { backendMessage, resource } from './backend-message.ts'
import type { RoutedService } from './outbound-message.ts'
import { retryMessage, timeoutsMessage, usageOf } from './usage-message.ts'

type RouteMessage = MessageInitShape<typeof GrpcRouteSchema>
type RuleMessage = NonNullable<RouteMessage['rules']>[number]
type MatchMessage = NonNullable<RuleMessage['matches']>[number]
type FilterMessage = NonNullable<RuleMessage['filters']>[number]

/** A GRPCRoute of a service. */
export function grpcRouteMessage(route: GrpcRoute, service: RoutedService): RouteMessage {
  const { backend, clusterDomain, policy, port, usage } = service
  return {
    metadata: resource('GRPCRoute', route),
    hosts: route.hostnames.map(hostMessage),
    rules: route.rules.map(rule => {
      const backends = rule.backends.map(ref => ({
        weight: ref.weight,
        backend: {
          backend: backendMessage(ref, ref.port ?? port, clusterDomain),
          filters: ref.filters.flatMap(filterMessage),
        },
      }))
      return {
        matches: rule.matches.map(matchMessage),
        filters: rule.filters.flatMap(filterMessage),
        backends: {
          kind:
            backends.length > 0
              ? { case: 'randomAvailable', value: { backends } }
              : { case: 'firstAvailable', value: { backends: [{ backend }] } },
        },
        ...usage,
        ...usedAs(usageOf(route.annotations, policy, null)),
      }
    }),
  }
}

function matchMessage({ headers, method, service }: GrpcRouteMatch): MatchMessage {
  return {
    ...((service ?? method) !== null && { rpc: { service: service ?? '', method: method ?? '' } }),
    headers: headers.map(headerMatchMessage),
  }
}

function filterMessage(filter: HttpRouteFilter): FilterMessage[] {
  if (filter.kind !== 'request-headers') return []
  const { add, remove, set } = filter
  const value = { add: headersMessage(add), set: headersMessage(set), remove: [...remove] }
  return [{ kind: { case: 'requestHeaderModifier', value } }]
}

/** By its number the code that has a condition of its own, misspelled as in the API. */
const CONDITIONS = {
  1: 'cancelled',
  4: 'deadineExceeded',
  8: 'resourceExhausted',
  13: 'internal',
  14: 'unavailable',
} as const

function usedAs(policy: RoutePolicy): Pick<RuleMessage, 'timeouts' | 'retry'> {
  const { retry } = policy
  const codes = retry?.grpcCodes ?? []
  const named = Object.entries(CONDITIONS).filter(([code]) => codes.includes(Number(code)))
  const conditions = Object.fromEntries(named.map(([, name]) => [name, true]))
  return {
    timeouts: timeoutsMessage(policy),
    ...(retry !== null && named.length > 0 && { retry: { ...retryMessage(retry), conditions } }),
  }
}
