import type { GrpcRouteMatch } from '#lib/resources/policy-objects.ts'
import { headerName, routeFilter } from './http-route-filters.ts'
import { defineKind } from './manifest-kind.ts'
import {
  backendOf,
  backendRefs,
  groupOf,
  hostnames,
  parentOf,
  parentRefs,
  valueMatch,
} from './route-fields.ts'
import { dnsSubdomain, matching, oneOf } from './scalars.ts'
import { anything, checked, list, object, optional, required, type Shape } from './shape.ts'

/** Proxies are told of names only, by the API they share with Linkerd's. */
const methodMatch = checked(
  object({
    type: optional(oneOf('Exact')),
    service: optional(matching(/^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*$/, "a service's name, as in shop.Cart")),
    method: optional(matching(/^[A-Za-z_]\w*$/, "a method's name")),
  }),
  ({ method, service }) =>
    method === undefined && service === undefined
      ? 'expected service, method or both, found neither'
      : undefined,
)

const matchFields = object({
  method: optional(methodMatch),
  headers: optional(list(valueMatch(oneOf('Exact', 'RegularExpression'), headerName), 0, 16)),
})

const match: Shape<GrpcRouteMatch> = (value, path, report) => {
  const read = matchFields(value, path, report)
  return (
    read && {
      service: read.method?.service ?? null,
      method: read.method?.method ?? null,
      headers: read.headers ?? [],
    }
  )
}

const rule = object({
  matches: optional(list(match, 0, 8)),
  filters: optional(list(routeFilter('RequestHeaderModifier'), 0, 16)),
  backendRefs: backendRefs('RequestHeaderModifier'),
})

const spec = object({ parentRefs, hostnames, rules: optional(list(rule, 0, 16)) })

const everyCall = { matches: undefined, filters: undefined, backendRefs: undefined }

export const grpcRouteKind = defineKind({
  kind: 'GRPCRoute',
  apiVersions: ['v1', 'v1alpha2'].map(version => `gateway.networking.k8s.io/${version}`),
  name: dnsSubdomain,
  spec: required(spec),
  status: optional(anything),
  build: ({ apiVersion, meta: { annotations, name, namespace }, spec }) => {
    const route = { group: groupOf(apiVersion), namespace }
    return {
      ...route,
      name,
      annotations,
      parentRefs: (spec.parentRefs ?? []).map(ref => parentOf(ref, route)),
      hostnames: spec.hostnames ?? [],
      rules: (spec.rules ?? [everyCall]).map(one => ({
        matches: one.matches ?? [],
        filters: one.filters ?? [],
        backends: (one.backendRefs ?? []).map(ref => backendOf(ref, route)),
      })),
    }
  },
  list: into => into.grpcRoutes,
})
