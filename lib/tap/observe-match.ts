import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { HttpMethod_Registered, Scheme_Registered } from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import {
  type ObserveRequest_Match,
  ObserveRequest_MatchSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { ownerLabel } from '#lib/resources/kinds.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'

/** Which requests are meant: all of it must hold. */
export interface Conditions {
  readonly method?: string | undefined
  /** A prefix of the path. */
  readonly path?: string | undefined
  readonly authority?: string | undefined
  readonly scheme?: 'http' | 'https' | undefined
  /** To one of these; `undefined`: to anything. */
  readonly to?: readonly ResourceRef[] | undefined
}

type Match = MessageInitShape<typeof ObserveRequest_MatchSchema>
type Http = Extract<NonNullable<Match['match']>, { readonly case: 'http' }>['value']

/** The conditions as proxies understand them; without any, all requests match. */
export function observeMatch(conditions: Conditions): ObserveRequest_Match {
  const { method, path, authority, scheme, to } = conditions
  const matches: Match[] = []
  if (method !== undefined) matches.push(http({ case: 'method', value: methodOf(method) }))
  if (path !== undefined)
    matches.push(http({ case: 'path', value: { match: { case: 'prefix', value: path } } }))
  if (authority !== undefined) {
    matches.push(http({ case: 'authority', value: { match: { case: 'exact', value: authority } } }))
  }
  if (scheme !== undefined) {
    const value = scheme === 'http' ? Scheme_Registered.HTTP : Scheme_Registered.HTTPS
    matches.push(http({ case: 'scheme', value: { type: { case: 'registered', value } } }))
  }
  if (to !== undefined) matches.push({ match: { case: 'any', value: { matches: to.map(toResource) } } })
  return create(ObserveRequest_MatchSchema, { match: { case: 'all', value: { matches } } })
}

function http(match: NonNullable<NonNullable<Http>['match']>): Match {
  return { match: { case: 'http', value: { match } } }
}

function methodOf(text: string): {
  type: { case: 'registered'; value: HttpMethod_Registered } | { case: 'unregistered'; value: string }
} {
  const value = registeredMethods.get(text)
  return {
    type: value === undefined ? { case: 'unregistered', value: text } : { case: 'registered', value },
  }
}

const registeredMethods = new Map(
  Object.values(HttpMethod_Registered)
    .filter(value => typeof value === 'number')
    .map(value => [HttpMethod_Registered[value], value]),
)

/** By the labels that discovery gives an endpoint. */
function toResource({ kind, name, namespace }: ResourceRef): Match {
  const label = (key: string, value: string): Match => ({
    match: { case: 'destinationLabel', value: { key, value } },
  })
  switch (kind) {
    case 'mesh':
    case 'workload':
      return { match: { case: 'all', value: { matches: [] } } }
    case 'namespace':
      return label('namespace', name)
    case 'service':
    case 'pod':
      return allOf([label(kind, name), label('namespace', namespace)])
    case 'serviceaccount':
    case 'unmeshed':
    case 'external':
      throw new RangeError(`Cannot tap what is sent to ${kind} ${name}: expected a resource`)
    default:
      return allOf([label(ownerLabel(kind), name), label('namespace', namespace)])
  }
}

function allOf(matches: Match[]): Match {
  return { match: { case: 'all', value: { matches } } }
}
