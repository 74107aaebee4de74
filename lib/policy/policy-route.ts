import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import type { Authorization, PolicyRef } from './server-policy.ts'

/** Some of a port's HTTP requests, and who may make them. */
export interface PolicyRoute {
  /** Labels `route_*`. */
  readonly ref: PolicyRef
  /** `api.shop`, or `*.shop` for all that end so; empty: any host. */
  readonly hosts: readonly string[]
  /** Those of this route alone; whom the port's own authorizations let in, they let in here too. */
  readonly authorizations: readonly Authorization[]
  readonly rules: readonly RouteRule[]
}

interface RouteRule {
  /** Any of these; empty: every request. */
  readonly matches: readonly HttpRouteMatch[]
  readonly filters: readonly RouteFilter[]
  /** Done to the headers of responses; absent: nothing. */
  readonly responseEdits?: readonly HeaderEdit[]
}

/** What is done to a request of a rule before it goes on. */
export type RouteFilter =
  | HeaderChange
  | {
      readonly kind: 'redirect'
      readonly scheme: string | null
      readonly hostname: string | null
      readonly port: number | null
      readonly path: { readonly replace: 'full' | 'prefix'; readonly value: string } | null
      readonly status: number
    }
  /** Answers `part` of `of` requests by itself. */
  | {
      readonly kind: 'failure'
      readonly status: number
      readonly message: string
      readonly part: number
      readonly of: number
    }

export interface HeaderChange extends HeaderEdit {
  readonly kind: 'request-headers'
}

/** Headers added, then set, then removed. */
export interface HeaderEdit {
  readonly add: readonly HeaderValue[]
  readonly set: readonly HeaderValue[]
  readonly remove: readonly string[]
}

interface HeaderValue {
  readonly name: string
  readonly value: string
}

/** What takes a port's requests that no HTTPRoute is about: Linkerd's name for it. */
export const DEFAULT_ROUTE: PolicyRef = { group: '', kind: 'default', name: 'default' }
