import type { HttpRouteMatch, ValueMatch } from '#lib/resources/policy-objects.ts'
import { headerName, routeFilter } from './http-route-filters.ts'
import { defineKind } from './manifest-kind.ts'
import { policyGroup, refIn } from './policy-fields.ts'
import { dnsLabel, dnsSubdomain, durationMs, integer, matching, oneOf, port, regex, text } from './scalars.ts'
import { anything, list, object, optional, required, type Shape } from './shape.ts'

const parentRef = object({
  group: optional(text),
  kind: optional(text),
  name: required(dnsSubdomain),
  namespace: optional(dnsLabel),
  port: optional(port),
  sectionName: optional(dnsSubdomain),
})

const typed = (types: Shape<ValueMatch['type']>, name: Shape<string>): Shape<ValueMatch> => {
  const shape = object({ type: optional(types), name: required(name), value: required(text) })
  return (value, path, report) => {
    const read = shape(value, path, report)
    if (read === undefined) return undefined
    const type = read.type ?? 'Exact'
    if (type === 'RegularExpression' && regex(read.value, [...path, 'value'], report) === undefined)
      return undefined
    return { type, name: read.name, value: read.value }
  }
}
const valueTypes = oneOf('Exact', 'RegularExpression')

const pathMatch = object({
  type: optional(oneOf('Exact', 'PathPrefix', 'RegularExpression')),
  value: optional(text),
})

const matchFields = object({
  path: optional(pathMatch),
  headers: optional(list(typed(valueTypes, headerName), 0, 16)),
  queryParams: optional(list(typed(valueTypes, text), 0, 16)),
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

const backendRef = object({
  group: optional(text),
  kind: optional(text),
  name: required(dnsSubdomain),
  namespace: optional(dnsLabel),
  port: optional(port),
  weight: optional(integer(0, 1_000_000)),
  filters: optional(
    list(routeFilter('RequestHeaderModifier', 'ResponseHeaderModifier', 'RequestRedirect'), 0, 16),
  ),
})

const rule = object({
  matches: optional(list(match, 0, 8)),
  filters: optional(list(routeFilter('RequestHeaderModifier', 'RequestRedirect'), 0, 16)),
  backendRefs: optional(list(backendRef, 0, 16)),
  timeouts: optional(object({ request: optional(durationMs()), backendRequest: optional(durationMs()) })),
})

const everyRequest = { matches: undefined, filters: undefined, backendRefs: undefined, timeouts: undefined }

const hostname = matching(
  /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
  'a host name, or *. and the end of one',
)

const spec = object({
  parentRefs: optional(list(parentRef, 0, 32)),
  hostnames: optional(list(hostname, 0, 16)),
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
  build: ({ apiVersion, meta, spec }) => ({
    group: groupOf(apiVersion),
    namespace: meta.namespace,
    name: meta.name,
    annotations: meta.annotations,
    parentRefs: (spec.parentRefs ?? []).map(ref => ({
      group: ref.group === 'core' ? '' : (ref.group ?? groupOf(apiVersion)),
      kind: ref.kind ?? 'Gateway',
      name: ref.name,
      namespace: ref.namespace ?? meta.namespace,
      port: ref.port ?? null,
    })),
    hostnames: spec.hostnames ?? [],
    // Without rules it is about every request, as with one that names nothing.
    rules: (spec.rules ?? [everyRequest]).map(one => ({
      matches: one.matches ?? [],
      filters: one.filters ?? [],
      backends: (one.backendRefs ?? []).map(ref => ({
        ...refIn({ name: ref.name, namespace: ref.namespace }, meta.namespace),
        group: ref.group === 'core' ? '' : (ref.group ?? ''),
        kind: ref.kind ?? 'Service',
        port: ref.port ?? null,
        weight: ref.weight ?? 1,
        filters: ref.filters ?? [],
      })),
      requestTimeoutMs: one.timeouts?.request ?? null,
      backendRequestTimeoutMs: one.timeouts?.backendRequest ?? null,
    })),
  }),
  list: into => into.httpRoutes,
})

function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, apiVersion.indexOf('/'))
}
