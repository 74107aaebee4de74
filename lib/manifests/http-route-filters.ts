import type { HttpRouteFilter } from '#lib/resources/policy-objects.ts'
import { dnsSubdomain, matching, oneOf, port, text } from './scalars.ts'
import { checked, list, object, optional, required, type Shape } from './shape.ts'

/** A header's name: an HTTP token. */
export const headerName = matching(/^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/, "a header's name", 256)

const headers = optional(list(object({ name: required(headerName), value: required(text) }), 0, 16))
const modifier = object({ set: headers, add: headers, remove: optional(list(headerName, 0, 16)) })

const path = checked(
  object({
    type: required(oneOf('ReplaceFullPath', 'ReplacePrefixMatch')),
    replaceFullPath: optional(text),
    replacePrefixMatch: optional(text),
  }),
  ({ type, replaceFullPath, replacePrefixMatch }) => {
    const full = type === 'ReplaceFullPath'
    const fits = (replaceFullPath !== undefined) === full && (replacePrefixMatch !== undefined) === !full
    return fits ? undefined : `expected ${full ? 'replaceFullPath' : 'replacePrefixMatch'} alone with ${type}`
  },
)

const redirect = object({
  scheme: optional(oneOf('http', 'https')),
  hostname: optional(dnsSubdomain),
  port: optional(port),
  path: optional(path),
  statusCode: optional((value, at, report) =>
    value === 301 || value === 302 ? value : report(at, `expected 301 or 302, found ${String(value)}`),
  ),
})

const parts = {
  RequestHeaderModifier: 'requestHeaderModifier',
  ResponseHeaderModifier: 'responseHeaderModifier',
  RequestRedirect: 'requestRedirect',
} as const

export type FilterType = keyof typeof parts

/** A filter of one of these types, whose own part is there and no other's. */
export function routeFilter(...types: readonly FilterType[]): Shape<HttpRouteFilter> {
  const shape = checked(
    object({
      type: required(oneOf(...types)),
      requestHeaderModifier: optional(modifier),
      responseHeaderModifier: optional(modifier),
      requestRedirect: optional(redirect),
    }),
    fields => {
      const wanted = parts[fields.type]
      const present = Object.values(parts).filter(name => fields[name] !== undefined)
      return present.length === 1 && present[0] === wanted
        ? undefined
        : `expected ${wanted} alone with type ${fields.type}, found ${present.join(', ') || 'none'}`
    },
  )
  return (value, at, report) => {
    const fields = shape(value, at, report)
    if (fields === undefined) return undefined
    const to = fields.requestRedirect
    if (to !== undefined) {
      return {
        kind: 'redirect',
        scheme: to.scheme ?? null,
        hostname: to.hostname ?? null,
        port: to.port ?? null,
        path: to.path
          ? to.path.type === 'ReplaceFullPath'
            ? { replace: 'full', value: to.path.replaceFullPath ?? '' }
            : { replace: 'prefix', value: to.path.replacePrefixMatch ?? '' }
          : null,
        status: to.statusCode ?? 302,
      }
    }
    const change = fields.requestHeaderModifier ?? fields.responseHeaderModifier
    return {
      kind: fields.requestHeaderModifier ? 'request-headers' : 'response-headers',
      set: change?.set ?? [],
      add: change?.add ?? [],
      remove: change?.remove ?? [],
    }
  }
}
