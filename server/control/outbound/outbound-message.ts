import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { outboundPolicyOf } from '#lib/manifests/traffic-annotations.ts'
import {
  type FailureAccrualSchema,
  type HttpRouteSchema,
  type OutboundPolicy as OutboundPolicyMessage,
  OutboundPolicySchema,
  type ProxyProtocolSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import type { AccrualSettings, RoutePolicy } from '#lib/policy/outbound-policy.ts'
import type { Service } from '#lib/resources/mesh-state.ts'
import type { GrpcRoute, HttpRoute } from '#lib/resources/policy-objects.ts'
import { type BackendMessage, backendMessage, byDefault } from './backend-message.ts'
import { grpcRouteMessage } from './grpc-route-message.ts'
import { defaultHttpRoute, httpRouteMessage } from './http-route-message.ts'

const detectTimeoutMs = 10_000

export interface OutboundPolicyOptions {
  /** Whether clients may ask for retries and timeouts by headers of their requests. */
  readonly allowsRequestHeaders: boolean
}

/** What all routes of a service's port have in common. */
export interface RoutedService {
  readonly backend: BackendMessage
  readonly port: number
  readonly clusterDomain: string
  /** By the service's annotations. */
  readonly policy: RoutePolicy
  /** Of every rule. */
  readonly usage: { readonly allowL5dRequestHeaders: boolean }
}

/**
 * How proxies use a service: by its routes, what they leave open by its annotations; without a route, by one for all
 * requests. A service with a GRPCRoute takes gRPC only, as Linkerd has it.
 */
export function outboundMessage(
  service: Service,
  port: number,
  clusterDomain: string,
  routes: { readonly http: readonly HttpRoute[]; readonly grpc: readonly GrpcRoute[] },
  { allowsRequestHeaders }: OutboundPolicyOptions,
): OutboundPolicyMessage {
  const policy = outboundPolicyOf(service.annotations)
  const backend = backendMessage(service, port, clusterDomain)
  const usage = { allowL5dRequestHeaders: allowsRequestHeaders }
  const routed = { backend, port, clusterDomain, policy, usage }
  const accrual = policy.failureAccrual && { failureAccrual: accrualMessage(policy.failureAccrual) }
  const grpc = routes.grpc.map(route => grpcRouteMessage(route, routed))
  const http = routes.http.map(route => httpRouteMessage(route, routed))
  const kind =
    grpc.length > 0
      ? { case: 'grpc' as const, value: { routes: grpc, ...accrual } }
      : detectMessage({ routes: http.length > 0 ? http : [defaultHttpRoute(routed)], ...accrual }, backend)
  return create(OutboundPolicySchema, { metadata: backend.metadata, protocol: { kind } })
}

interface HttpMessage {
  readonly routes: MessageInitShape<typeof HttpRouteSchema>[]
  readonly failureAccrual?: MessageInitShape<typeof FailureAccrualSchema>
}

type KindMessage = NonNullable<MessageInitShape<typeof ProxyProtocolSchema>['kind']>
type DetectMessage = Extract<KindMessage, { case: 'detect' }>

function detectMessage(http: HttpMessage, backend: BackendMessage): DetectMessage {
  const backends = { kind: { case: 'firstAvailable' as const, value: { backends: [{ backend }] } } }
  const opaque = { routes: [{ metadata: byDefault('opaque'), rules: [{ backends }] }] }
  return {
    case: 'detect',
    value: { timeout: durationFromMs(detectTimeoutMs), opaque, http1: http, http2: http },
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
