import type { Instance, Namespace, Service } from '#lib/resources/mesh-state.ts'
import type * as policy from '#lib/resources/policy-objects.ts'
import type { ServiceProfile } from '#lib/resources/service-profile.ts'
import type { TrafficSplit } from '#lib/resources/traffic-split.ts'
import type { Report } from './shape.ts'

/** An object that was read, and the way to complain about a field of it. */
export interface Found<T> {
  readonly value: T
  readonly report: Report
}

/** What was read so far, of all files. */
export interface Collected {
  readonly namespaces: Found<Namespace>[]
  readonly services: Found<Service>[]
  readonly instances: Found<Instance>[]
  readonly profiles: Found<ServiceProfile>[]
  readonly splits: Found<TrafficSplit>[]
  readonly servers: Found<policy.Server>[]
  readonly serverAuthorizations: Found<policy.ServerAuthorization>[]
  readonly authorizationPolicies: Found<policy.AuthorizationPolicy>[]
  readonly meshTlsAuthentications: Found<policy.MeshTlsAuthentication>[]
  readonly networkAuthentications: Found<policy.NetworkAuthentication>[]
  readonly httpRoutes: Found<policy.HttpRoute>[]
  readonly grpcRoutes: Found<policy.GrpcRoute>[]
  readonly rateLimits: Found<policy.HttpLocalRateLimit>[]
}

export function collectNothing(): Collected {
  return {
    namespaces: [],
    services: [],
    instances: [],
    profiles: [],
    splits: [],
    servers: [],
    serverAuthorizations: [],
    authorizationPolicies: [],
    meshTlsAuthentications: [],
    networkAuthentications: [],
    httpRoutes: [],
    grpcRoutes: [],
    rateLimits: [],
  }
}
