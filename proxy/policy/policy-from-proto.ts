import { durationMs } from '@bufbuild/protobuf/wkt'
import type {
  HttpLocalRateLimit,
  ProxyProtocol,
  Server,
} from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { routeFinder } from '#lib/policy/find-route.ts'
import type { PolicyRoute } from '#lib/policy/policy-route.ts'
import type { RateLimit } from '#lib/policy/rate-limit.ts'
import type { ServerPolicy } from '#lib/policy/server-policy.ts'
import { authorizationFromProto, refFromLabels, refFromMetadata } from './authorization-from-proto.ts'
import { grpcRouteFromProto, httpRouteFromProto } from './route-from-proto.ts'

/**
 * The policy a Server message describes. An authorization that cannot be read lets nobody in, and is left out.
 * Throws a `RangeError` when the message says no protocol, or routes that cannot be kept.
 */
export function policyFromProto(server: Server, detectTimeoutMs: number): ServerPolicy {
  const kind = server.protocol?.kind
  if (kind?.case === undefined) throw new RangeError('Cannot use port policy: expected a protocol, got none')
  const timeout = kind.case === 'detect' ? kind.value.timeout : undefined
  const { limit, routes } = httpPolicy(kind)
  routeFinder(routes)
  return {
    server: refFromLabels(server.labels),
    protocol: kind.case,
    detectTimeoutMs: timeout === undefined ? detectTimeoutMs : durationMs(timeout),
    authorizations: server.authorizations.flatMap(authz => authorizationFromProto(authz) ?? []),
    routes,
    rateLimit: limit === undefined ? null : rateLimit(limit),
  }
}

function httpPolicy(kind: ProxyProtocol['kind']): {
  readonly routes: readonly PolicyRoute[]
  readonly limit?: HttpLocalRateLimit | undefined
} {
  switch (kind.case) {
    case 'detect':
      return {
        routes: kind.value.httpRoutes.map(httpRouteFromProto),
        limit: kind.value.httpLocalRateLimit,
      }
    case 'http1':
    case 'http2':
      return { routes: kind.value.routes.map(httpRouteFromProto), limit: kind.value.localRateLimit }
    case 'grpc':
      return { routes: kind.value.routes.map(grpcRouteFromProto) }
    case 'opaque':
    case 'tls':
    case undefined:
      return { routes: [] }
  }
}

function rateLimit({ metadata, total, identity, overrides }: HttpLocalRateLimit): RateLimit {
  const perSecond = (limit: { readonly requestsPerSecond: number } | undefined) =>
    limit === undefined || limit.requestsPerSecond === 0 ? null : limit.requestsPerSecond
  return {
    ref: refFromMetadata(metadata) ?? refFromLabels({}),
    totalPerSecond: perSecond(total),
    identityPerSecond: perSecond(identity),
    overrides: overrides.flatMap(({ limit, clients }) => {
      const asked = perSecond(limit)
      return asked === null
        ? []
        : [{ perSecond: asked, identities: (clients?.identities ?? []).map(({ name }) => name) }]
    }),
  }
}
