import type { FoundRoute, RouteFinder } from '#lib/policy/find-route.ts'
import type { AccrualSettings, RoutePolicy } from '#lib/policy/outbound-policy.ts'
import type { HeaderEdit, RouteFilter } from '#lib/policy/policy-route.ts'
import type { RouteTable } from '#lib/profile/route-table.ts'
import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import type { RetryBudget, WeightedAuthority } from '#lib/resources/service-profile.ts'
import type { Http2Settings } from '#proxy/http2/session-options.ts'
import type { PolicyRouteLabels } from '#proxy/telemetry/telemetry.ts'

/** One address that serves a destination, as discovery described it. */
export interface Endpoint {
  /** `ip:port`; unique within its destination. */
  readonly address: string
  readonly ip: string
  readonly port: number
  /** The `dst_*` labels without their prefix: the set's and the address's together, sorted by name. */
  readonly labels: Readonly<Record<string, string>>
  /** What to ask for by SNI and to find in the SAN; `null`: not meshed. */
  readonly tls: { readonly serverName: string; readonly serverId: string } | null
  /** Where to connect with the transport header; `null`: to `port`, without one. */
  readonly inboundPort: number | null
  readonly http2: boolean
  /** How HTTP/2 connections to it are kept, as far as discovery says. */
  readonly http2Settings?: Partial<Http2Settings>
}

/** How a service is used where no ServiceProfile says. */
export interface ServicePolicy {
  readonly failureAccrual: AccrualSettings | null
  readonly routes: readonly ServiceRoute[]
  /** Where all requests go when there is but one rule, and that takes all; `null`: `find` tells. */
  readonly only: FoundRoute<ServiceRoute> | null
  /** A request that belongs to no route is not sent. */
  readonly find: RouteFinder<ServiceRoute>
}

export interface ServiceRoute {
  /** `api.shop`, or `*.shop` for all that end so; empty: any host. */
  readonly hosts: readonly string[]
  readonly rules: readonly ServiceRule[]
}

export interface ServiceRule extends RoutePolicy {
  readonly matches: readonly HttpRouteMatch[]
  readonly filters: readonly RouteFilter[]
  readonly responseEdits: readonly HeaderEdit[]
  /** Whether requests may ask for other retries and timeouts by headers. */
  readonly allowsRequestHeaders: boolean
  readonly backends: readonly ServiceBackend[]
}

/** Where a rule's requests go, and what they are counted by. */
export interface ServiceBackend {
  /** FQDN and port; `null`: the service that was asked for. */
  readonly authority: string | null
  readonly weight: number
  readonly filters: readonly RouteFilter[]
  readonly responseEdits: readonly HeaderEdit[]
  /** How long an attempt may take to its response's head; `null`: as long as the rule allows. */
  readonly timeoutMs: number | null
  readonly labels: PolicyRouteLabels
}

/** What is known of where a name's requests go. */
export type Resolution =
  | { readonly state: 'pending' }
  | { readonly state: 'missing'; readonly reason: string }
  | {
      readonly state: 'resolved'
      readonly endpoints: readonly Endpoint[]
      /** `null`: no ServiceProfile. */
      readonly routes: RouteTable | null
      /** Of the profile; absent: Linkerd's. */
      readonly retryBudget?: RetryBudget
      /** Services that requests go to instead, by weight, of which one is above 0; absent or empty: to the endpoints. */
      readonly split?: readonly WeightedAuthority[]
      /** How to use the service where no ServiceProfile says; absent: as one likes. */
      readonly policy?: ServicePolicy
      /** The profile says that the port's bytes are no HTTP, or are to be passed on as if they were none. */
      readonly isOpaque?: boolean
    }

/** A watched destination. Keeps its last good resolution while the control plane is away. */
export interface Destination {
  /** `catalog.shop.svc.cluster.local:80` */
  readonly authority: string
  current(): Resolution
  /** Calls back at each change. Returns the way to stop. */
  subscribe(listener: () => void): () => void
  /** Ends one use; unused for the idle timeout, the watch stops. */
  release(): void
}

export interface Discovery {
  /** Starts, or joins, the watch of an authority (FQDN and port). Each call needs a `release`. */
  destination(authority: string): Destination
  close(): Promise<void>
}
