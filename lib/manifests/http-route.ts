import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import { headerName, routeFilter } from './http-route-filters.ts'
import { defineKind } from './manifest-kind.ts'
import { policyGroup } from './policy-fields.ts'
import {
  backendOf,
  backendRefs,
  groupOf,
  hostnames,
  parentOf,
  parentRefs,
  valueMatch,
} from './route-fields.ts'
import { dnsSubdomain, durationMs, matching, oneOf, regex, text } from './scalars.ts'
import { anything, list, object, optional, required, type Shape } from './shape.ts'

const valueTypes = oneOf('Exact', 'RegularExpression')

const pathMatch = object({
  type: optional(oneOf('Exact', 'PathPrefix', 'RegularExpression')),
  value: optional(text),
})

const matchFields = object({
  path: optional(pathMatch),
  headers: optional(list(valueMatch(valueTypes, headerName), 0, 16)),
  queryParams: optional(list(valueMatch(valueTypes, text), 0, 16)),
  method: optional(matching(/^[A-Z]+$/, 'a method in capitals', 32)),
})

const match: Shape<HttpRouteMatch> = (value, path, report) => {
  const read = matchFields(value, path, report)
  if (read === undefined) return undefined
  const type = read.path?.type ?? 'PathPrefix'
  const wanted = read.path?.value ?? '/'
  if (type === 'RegularExpression') {
    if (regex(wanted, [...path, 'path', 'value'], report) === undefined) return undefined
  } else if (!wanted.startsWith('/')) {
    return report([...path, 'path', 'value'], `expected a path from / on, found ${JSON.stringify(wanted)}`)
  }
  return {
    path: { type, value: wanted },
    headers: read.headers ?? [],
    queryParams: read.queryParams ?? [],
    method: read.method ?? null,
  }
}

const filterTypes = ['RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect'] as const

const rule = object({
  matches: optional(list(match, 0, 8)),
  filters: optional(list(routeFilter(...filterTypes), 0, 16)),
  backendRefs: backendRefs(...filterTypes),
  timeouts: optional(object({ request: optional(durationMs()), backendRequest: optional(durationMs()) })),
})

const everyRequest = { matches: undefined, filters: undefined, backendRefs: undefined, timeouts: undefined }

const spec = object({
  parentRefs,
  hostnames,
  rules: optional(list(rule, 0, 16)),
})

export const httpRouteKind = defineKind({
  kind: 'HTTPRoute',
  apiVersions: [
    ...['v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'].map(version => `${policyGroup}/${version}`),
    ...['v1', 'v1beta1'].map(version => `gateway.networking.k8s.io/${version}`),
  ],
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
      // Without rules it is about every request, as with one that names nothing.
      rules: (spec.rules ?? [everyRequest]).map(one => ({
        matches: one.matches ?? [],
        filters: one.filters ?? [],
        backends: (one.backendRefs ?? []).map(ref => backendOf(ref, route)),
        requestTimeoutMs: one.timeouts?.request ?? null,
        backendRequestTimeoutMs: one.timeouts?.backendRequest ?? null,
      })),
    }
  },
  list: into => into.httpRoutes,
})
