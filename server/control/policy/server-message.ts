import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import {
  HttpLocalRateLimitSchema,
  type ProxyProtocol,
  ProxyProtocolSchema,
  type Server,
  ServerSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { ipMessage } from '#lib/mesh-api/ip-message.ts'
import type { RateLimit } from '#lib/policy/rate-limit.ts'
import type { ServerPolicy } from '#lib/policy/server-policy.ts'
import { authorizationMessage, metadataKind } from './authorization-message.ts'
import { grpcRouteMessage, routeMessage } from './route-message.ts'

/** A port's policy as proxies are told it. `ips` are the addresses it is for. */
export function serverMessage(policy: ServerPolicy, ips: readonly string[]): Server {
  return create(ServerSchema, {
    protocol: protocolMessage(policy),
    serverIps: ips.map(ipMessage),
    authorizations: policy.authorizations.map(authorizationMessage),
    labels: { ...policy.server },
  })
}

/** The API has no rate limit for a port that is all gRPC; and neither that nor routes for one that is not HTTP. */
function protocolMessage({ protocol, detectTimeoutMs, rateLimit, routes }: ServerPolicy): ProxyProtocol {
  const limit = rateLimit === null ? null : rateLimitMessage(rateLimit)
  switch (protocol) {
    case 'detect': {
      const timeout = durationFromMs(detectTimeoutMs)
      const value = {
        timeout,
        httpRoutes: routes.map(routeMessage),
        ...(limit && { httpLocalRateLimit: limit }),
      }
      return create(ProxyProtocolSchema, { kind: { case: protocol, value } })
    }
    case 'http1':
    case 'http2':
      return create(ProxyProtocolSchema, {
        kind: {
          case: protocol,
          value: { routes: routes.map(routeMessage), ...(limit && { localRateLimit: limit }) },
        },
      })
    case 'grpc':
      return create(ProxyProtocolSchema, {
        kind: { case: protocol, value: { routes: routes.map(grpcRouteMessage) } },
      })
    case 'opaque':
    case 'tls':
      return create(ProxyProtocolSchema, { kind: { case: protocol, value: {} } })
  }
}

function rateLimitMessage({ ref, totalPerSecond, identityPerSecond, overrides }: RateLimit) {
  return create(HttpLocalRateLimitSchema, {
    metadata: { kind: metadataKind(ref) },
    ...(totalPerSecond !== null && { total: { requestsPerSecond: totalPerSecond } }),
    ...(identityPerSecond !== null && { identity: { requestsPerSecond: identityPerSecond } }),
    overrides: overrides.map(({ perSecond, identities }) => ({
      limit: { requestsPerSecond: perSecond },
      clients: { identities: identities.map(name => ({ name })) },
    })),
  })
}
