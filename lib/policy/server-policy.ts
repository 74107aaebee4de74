import type { PolicyRoute } from './policy-route.ts'
import type { RateLimit } from './rate-limit.ts'

/** Which Kubernetes object, or built-in default, a decision came from; printed as labels. */
export interface PolicyRef {
  readonly group: string
  readonly kind: string
  readonly name: string
}

/** How a port is read and who may use it. */
export interface ServerPolicy {
  /** Labels `srv_*`. */
  readonly server: PolicyRef
  readonly protocol: 'detect' | 'opaque' | 'tls' | 'http1' | 'http2' | 'grpc'
  readonly detectTimeoutMs: number
  readonly authorizations: readonly Authorization[]
  /** Empty: `authorizations` decide on every request. Else requests that belong to none of these are not served. */
  readonly routes: readonly PolicyRoute[]
  readonly rateLimit: RateLimit | null
}

/** One way to be let in. */
export interface Authorization {
  /** Labels `authz_*`. */
  readonly ref: PolicyRef
  readonly networks: readonly Network[]
  readonly authentication:
    | { readonly kind: 'unauthenticated' }
    /** A TLS connection, with or without an identity. */
    | { readonly kind: 'tls' }
    /** One of these identities, or one that ends in one of these suffixes (`*` is the empty suffix). */
    | {
        readonly kind: 'identity'
        readonly identities: readonly string[]
        readonly suffixes: readonly string[]
      }
}

/** An address block: `127.0.0.0/8`. IPv4 addresses inside IPv6 ones compare as IPv4. */
export interface Network {
  readonly cidr: string
  readonly except: readonly string[]
}

/** How a client came: its address, and what TLS says of it. */
export interface ClientConnection {
  readonly ip: string
  readonly tls:
    | { readonly kind: 'none'; readonly reason: string }
    /** `clientId` is empty when it showed no certificate. */
    | { readonly kind: 'mesh'; readonly clientId: string }
}
