import type { LabelMatch } from './match-labels.ts'

/** What Linkerd allows on a port that no Server describes, by name. */
export const defaultPolicyNames = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
] as const
type DefaultPolicyName = (typeof defaultPolicyNames)[number]

/** The policy.linkerd.io objects of the mesh, parsed; a reference between them names an object that is there. */
export interface PolicyObjects {
  readonly servers: readonly Server[]
  readonly serverAuthorizations: readonly ServerAuthorization[]
  readonly authorizationPolicies: readonly AuthorizationPolicy[]
  readonly meshTlsAuthentications: readonly MeshTlsAuthentication[]
  readonly networkAuthentications: readonly NetworkAuthentication[]
  readonly httpRoutes: readonly HttpRoute[]
  readonly grpcRoutes: readonly GrpcRoute[]
  readonly rateLimits: readonly HttpLocalRateLimit[]
}

export const noPolicyObjects: PolicyObjects = {
  servers: [],
  serverAuthorizations: [],
  authorizationPolicies: [],
  meshTlsAuthentications: [],
  networkAuthentications: [],
  httpRoutes: [],
  grpcRoutes: [],
  rateLimits: [],
}

interface ObjectName {
  readonly namespace: string
  readonly name: string
}

/** Names another object; `group` is empty for the core of Kubernetes. */
export interface ObjectRef extends ObjectName {
  readonly group: string
  readonly kind: string
}

export interface Server extends ObjectName {
  readonly labels: Readonly<Record<string, string>>
  readonly selects: 'pods' | 'external-workloads'
  readonly selector: LabelMatch
  /** A number, or the name of a container's port. */
  readonly port: number | string
  readonly proxyProtocol: 'unknown' | 'HTTP/1' | 'HTTP/2' | 'gRPC' | 'opaque' | 'TLS'
  readonly accessPolicy: DefaultPolicyName
}

export interface CidrBlock {
  readonly cidr: string
  readonly except: readonly string[]
}

export interface ServerAuthorization extends ObjectName {
  readonly server: { readonly name: string } | { readonly selector: LabelMatch }
  /** `null`: from anywhere. */
  readonly networks: readonly CidrBlock[] | null
  readonly client:
    | { readonly kind: 'unauthenticated' }
    | { readonly kind: 'unauthenticated-tls' }
    | {
        readonly kind: 'mesh'
        readonly identities: readonly string[]
        readonly serviceAccounts: readonly ObjectName[]
      }
}

export interface AuthorizationPolicy extends ObjectName {
  readonly targetRef: ObjectRef
  /** All must hold. */
  readonly requiredAuthenticationRefs: readonly ObjectRef[]
}

/** One of the two lists is empty. */
export interface MeshTlsAuthentication extends ObjectName {
  readonly identities: readonly string[]
  readonly identityRefs: readonly ObjectRef[]
}

export interface NetworkAuthentication extends ObjectName {
  readonly networks: readonly CidrBlock[]
}

interface RouteObject extends ObjectName {
  /** It is the same kind in policy.linkerd.io and in gateway.networking.k8s.io. */
  readonly group: string
  readonly annotations: Readonly<Record<string, string>>
  readonly parentRefs: readonly (ObjectRef & { readonly port: number | null })[]
  readonly hostnames: readonly string[]
}

interface RouteObjectRule {
  readonly filters: readonly HttpRouteFilter[]
  readonly backends: readonly (ObjectRef & {
    readonly port: number | null
    readonly weight: number
    readonly filters: readonly HttpRouteFilter[]
  })[]
}

export interface HttpRoute extends RouteObject {
  readonly rules: readonly HttpRouteRule[]
}

interface HttpRouteRule extends RouteObjectRule {
  readonly matches: readonly HttpRouteMatch[]
  readonly requestTimeoutMs: number | null
  readonly backendRequestTimeoutMs: number | null
}

/** It changes headers of requests at most. */
export interface GrpcRoute extends RouteObject {
  readonly rules: readonly GrpcRouteRule[]
}

interface GrpcRouteRule extends RouteObjectRule {
  readonly matches: readonly GrpcRouteMatch[]
}

/** What it leaves open is `null`. */
export interface GrpcRouteMatch {
  readonly service: string | null
  readonly method: string | null
  readonly headers: readonly ValueMatch[]
}

export interface HttpRouteMatch {
  readonly path: { readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression'; readonly value: string }
  readonly headers: readonly ValueMatch[]
  readonly queryParams: readonly ValueMatch[]
  readonly method: string | null
}

export interface ValueMatch {
  readonly type: 'Exact' | 'RegularExpression'
  readonly name: string
  readonly value: string
}

interface HeaderValue {
  readonly name: string
  readonly value: string
}

export type HttpRouteFilter =
  | {
      readonly kind: 'request-headers' | 'response-headers'
      readonly set: readonly HeaderValue[]
      readonly add: readonly HeaderValue[]
      readonly remove: readonly string[]
    }
  | {
      readonly kind: 'redirect'
      readonly scheme: 'http' | 'https' | null
      readonly hostname: string | null
      readonly port: number | null
      readonly path: { readonly replace: 'full' | 'prefix'; readonly value: string } | null
      readonly status: number
    }

export interface HttpLocalRateLimit extends ObjectName {
  readonly targetRef: ObjectRef
  readonly totalRequestsPerSecond: number | null
  /** For each client identity on its own. */
  readonly identityRequestsPerSecond: number | null
  readonly overrides: readonly {
    readonly requestsPerSecond: number
    readonly clientRefs: readonly ObjectRef[]
  }[]
}
