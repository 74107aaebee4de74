import { Buffer } from 'node:buffer'
import type { GrpcRouteMatch } from '#lib/mesh-api/gen/io/linkerd/proxy/grpc_route_pb.ts'
import type {
  HeaderMatch,
  HostMatch,
  HttpRouteMatch as ProtoMatch,
  RequestHeaderModifier,
  RequestRedirect,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_route_pb.ts'
import {
  type Headers,
  HttpMethod_Registered,
  Scheme_Registered,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import type {
  GrpcRoute,
  GrpcRoute_Filter,
  HttpRoute,
  HttpRoute_Filter,
} from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { matchOfRpc } from '#lib/policy/grpc-match.ts'
import type { HeaderChange, HeaderEdit, PolicyRoute, RouteFilter } from '#lib/policy/policy-route.ts'
import type { HttpRouteMatch, ValueMatch } from '#lib/resources/policy-objects.ts'
import { authorizationFromProto, refFromLabels, refFromMetadata } from './authorization-from-proto.ts'

/** The route a message describes. Throws a `RangeError` for a filter that is not known: it may be there to protect. */
export function httpRouteFromProto(route: HttpRoute): PolicyRoute {
  return {
    ...headOf(route),
    rules: route.rules.map(({ matches, filters }) => ({
      matches: matches.map(httpMatch),
      ...httpFilters(filters),
    })),
  }
}

/** The same for gRPC, whose requests are POSTs to `/service/method`. */
export function grpcRouteFromProto(route: GrpcRoute): PolicyRoute {
  return {
    ...headOf(route),
    rules: route.rules.map(({ matches, filters }) => ({
      matches: matches.map(grpcMatch),
      filters: filters.map(({ kind }) => grpcFilter(kind)),
    })),
  }
}

function headOf({ metadata, hosts, authorizations }: HttpRoute | GrpcRoute): Omit<PolicyRoute, 'rules'> {
  return {
    ref: refFromMetadata(metadata) ?? refFromLabels({}),
    hosts: hosts.map(host),
    authorizations: authorizations.flatMap(one => authorizationFromProto(one) ?? []),
  }
}

/** A host as routes name it. */
export function host({ match }: HostMatch): string {
  switch (match.case) {
    case 'exact':
      return match.value
    case 'suffix':
      return `*.${[...match.value.reverseLabels].reverse().join('.')}`
    case undefined:
      throw new RangeError('Cannot use route: expected an exact host or a suffix, got none')
  }
}

/** Which requests a match is about; what it leaves open is open. */
export function httpMatch({ headers, method, path, queryParams }: ProtoMatch): HttpRouteMatch {
  return {
    path: pathMatch(path),
    headers: headers.map(headerMatch),
    queryParams: queryParams.map(({ name, value }) => {
      if (value.case === undefined)
        throw new RangeError(`Cannot use route: query parameter ${name} has no value`)
      return { type: value.case === 'exact' ? 'Exact' : 'RegularExpression', name, value: value.value }
    }),
    method: methodName(method),
  }
}

function pathMatch(path: ProtoMatch['path']): HttpRouteMatch['path'] {
  const kind = path?.kind
  switch (kind?.case) {
    case 'exact':
      return { type: 'Exact', value: kind.value }
    case 'regex':
      return { type: 'RegularExpression', value: kind.value }
    case 'prefix':
      return { type: 'PathPrefix', value: kind.value }
    case undefined:
      return { type: 'PathPrefix', value: '/' }
  }
}

function headerMatch({ name, value }: HeaderMatch): ValueMatch {
  switch (value.case) {
    case 'exact':
      return { type: 'Exact', name, value: Buffer.from(value.value).toString('latin1') }
    case 'regex':
      return { type: 'RegularExpression', name, value: value.value }
    case undefined:
      throw new RangeError(`Cannot use route: header ${name} has no value`)
  }
}

function methodName(method: ProtoMatch['method']): string | null {
  const type = method?.type
  if (type?.case === 'registered') return HttpMethod_Registered[type.value] ?? null
  return type?.case === 'unregistered' ? type.value : null
}

/** Which calls a match is about: POSTs to `/service/method`. */
export function grpcMatch({ headers, rpc }: GrpcRouteMatch): HttpRouteMatch {
  const { service = null, method = null } = rpc ?? {}
  return matchOfRpc({ service, method, headers: headers.map(headerMatch) })
}

/** What a filter of a gRPC route does. Throws a `RangeError` for one that is not known. */
export function grpcFilter(kind: GrpcRoute_Filter['kind']): RouteFilter {
  if (kind.case === 'requestHeaderModifier') return headerChange(kind.value)
  throw new RangeError(`Cannot use gRPC route: expected a known filter, got ${kind.case}`)
}

/** What filters do to requests and to responses. Throws a `RangeError` for one that is not known. */
export function httpFilters(filters: readonly Pick<HttpRoute_Filter, 'kind'>[]): {
  readonly filters: readonly RouteFilter[]
  readonly responseEdits: readonly HeaderEdit[]
} {
  return {
    filters: filters.flatMap(({ kind }) =>
      kind.case === 'responseHeaderModifier' ? [] : [httpFilter(kind)],
    ),
    responseEdits: filters.flatMap(({ kind }) =>
      kind.case === 'responseHeaderModifier' ? [headerEdit(kind.value)] : [],
    ),
  }
}

type RequestFilter = Exclude<HttpRoute_Filter['kind'], { case: 'responseHeaderModifier' }>

function httpFilter(kind: RequestFilter): RouteFilter {
  switch (kind.case) {
    case 'requestHeaderModifier':
      return headerChange(kind.value)
    case 'redirect':
      return redirect(kind.value)
    case 'failureInjector': {
      const { status, message, ratio } = kind.value
      return { kind: 'failure', status, message, part: ratio?.numerator ?? 1, of: ratio?.denominator || 1 }
    }
    case undefined:
      throw new RangeError('Cannot use route: expected a known filter, got none')
  }
}

function headerChange(modifier: RequestHeaderModifier): HeaderChange {
  return { kind: 'request-headers', ...headerEdit(modifier) }
}

/** Names in lower case. */
function headerEdit({ add, set, remove }: Pick<RequestHeaderModifier, 'add' | 'set' | 'remove'>): HeaderEdit {
  return { add: headerValues(add), set: headerValues(set), remove }
}

function headerValues(headers: Headers | undefined): HeaderChange['add'] {
  return (headers?.headers ?? []).map(({ name, value }) => ({
    name: name.toLowerCase(),
    value: Buffer.from(value).toString('latin1'),
  }))
}

function redirect({ host: hostname, path, port, scheme, status }: RequestRedirect): RouteFilter {
  const replace = path?.replace
  return {
    kind: 'redirect',
    scheme: schemeName(scheme),
    hostname: hostname === '' ? null : hostname,
    port: port === 0 ? null : port,
    path: replace?.case === undefined ? null : { replace: replace.case, value: replace.value },
    status: status === 0 ? 302 : status,
  }
}

function schemeName(scheme: RequestRedirect['scheme']): string | null {
  const type = scheme?.type
  if (type?.case === 'unregistered') return type.value
  if (type?.case === undefined) return null
  return type.value === Scheme_Registered.HTTPS ? 'https' : 'http'
}
