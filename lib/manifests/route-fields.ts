import type { HttpRouteFilter, ObjectRef, ValueMatch } from '#lib/resources/policy-objects.ts'
import { type FilterType, routeFilter } from './http-route-filters.ts'
import { refIn } from './policy-fields.ts'
import { dnsLabel, dnsSubdomain, integer, matching, port, regex, text } from './scalars.ts'
import { list, object, optional, required, type Shape } from './shape.ts'

/** What a route belongs to. */
export const parentRefs = optional(
  list(
    object({
      group: optional(text),
      kind: optional(text),
      name: required(dnsSubdomain),
      namespace: optional(dnsLabel),
      port: optional(port),
      sectionName: optional(dnsSubdomain),
    }),
    0,
    32,
  ),
)

/** Hosts whose requests a route is about. */
export const hostnames = optional(
  list(
    matching(
      /^(?:\*\.)?[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/,
      'a host name, or *. and the end of one',
    ),
    0,
    16,
  ),
)

/** A value of something named, as it is or as a pattern. */
export const valueMatch = (types: Shape<ValueMatch['type']>, name: Shape<string>): Shape<ValueMatch> => {
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

/** Where the requests of a rule go. */
export function backendRefs(...filters: readonly FilterType[]) {
  return optional(
    list(
      object({
        group: optional(text),
        kind: optional(text),
        name: required(dnsSubdomain),
        namespace: optional(dnsLabel),
        port: optional(port),
        weight: optional(integer(0, 1_000_000)),
        filters: optional(list(routeFilter(...filters), 0, 16)),
      }),
      0,
      16,
    ),
  )
}

interface Ref {
  readonly group: string | undefined
  readonly kind: string | undefined
  readonly name: string
  readonly namespace: string | undefined
  readonly port: number | undefined
}

interface Route {
  readonly group: string
  readonly namespace: string
}

/** A parent by its whole name: what it leaves out is the route's own. */
export function parentOf(ref: Ref, route: Route): ObjectRef & { readonly port: number | null } {
  return {
    group: ref.group === 'core' ? '' : (ref.group ?? route.group),
    kind: ref.kind ?? 'Gateway',
    name: ref.name,
    namespace: ref.namespace ?? route.namespace,
    port: ref.port ?? null,
  }
}

/** A backend by its whole name: a service of the route's namespace, where nothing else is said. */
export function backendOf(
  ref: Ref & {
    readonly weight: number | undefined
    readonly filters: readonly HttpRouteFilter[] | undefined
  },
  { namespace }: Route,
): ObjectRef & {
  readonly port: number | null
  readonly weight: number
  readonly filters: readonly HttpRouteFilter[]
} {
  return {
    ...refIn({ name: ref.name, namespace: ref.namespace }, namespace),
    group: ref.group === 'core' ? '' : (ref.group ?? ''),
    kind: ref.kind ?? 'Service',
    port: ref.port ?? null,
    weight: ref.weight ?? 1,
    filters: ref.filters ?? [],
  }
}

/** The group of an object's kind. */
export function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, apiVersion.indexOf('/'))
}
