import { create, type MessageInitShape } from '@bufbuild/protobuf'
import type {
  HeaderMatchSchema,
  HostMatchSchema,
  HttpRouteMatchSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_route_pb.ts'
import {
  HttpMethod_Registered,
  type HttpMethodSchema,
  Scheme_Registered,
  type SchemeSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import {
  type GrpcRoute,
  GrpcRouteSchema,
  type HttpRoute,
  HttpRouteSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { rpcOfMatch } from '#lib/policy/grpc-match.ts'
import type { HeaderEdit, PolicyRoute, RouteFilter } from '#lib/policy/policy-route.ts'
import type { HttpRouteMatch, ValueMatch } from '#lib/resources/policy-objects.ts'
import { authorizationMessage, metadataKind } from './authorization-message.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A route of a port as proxies are told it. */
export function routeMessage({ ref, hosts, authorizations, rules }: PolicyRoute): HttpRoute {
  return create(HttpRouteSchema, {
    metadata: { kind: metadataKind(ref) },
    hosts: hosts.map(hostMessage),
    authorizations: authorizations.map(authorizationMessage),
    rules: rules.map(({ matches, filters, responseEdits = [] }) => ({
      matches: matches.map(matchMessage),
      filters: [...filters.map(filterMessage), ...responseEdits.map(responseMessage)],
    })),
  })
}

/** A route of a port that is all gRPC as proxies are told it: of filters they know those of request headers. */
export function grpcRouteMessage({ ref, hosts, authorizations, rules }: PolicyRoute): GrpcRoute {
  return create(GrpcRouteSchema, {
    metadata: { kind: metadataKind(ref) },
    hosts: hosts.map(hostMessage),
    authorizations: authorizations.map(authorizationMessage),
    rules: rules.map(({ matches, filters }) => ({
      matches: matches.map(match => ({
        rpc: rpcOfMatch(match),
        headers: match.headers.map(headerMatchMessage),
      })),
      filters: filters.flatMap(filter =>
        filter.kind === 'request-headers' ? [headerFilterMessage(filter)] : [],
      ),
    })),
  })
}

/** A change of responses as proxies are told it. */
export function responseMessage({ add, remove, set }: HeaderEdit) {
  const value = { add: headersMessage(add), set: headersMessage(set), remove: [...remove] }
  return { kind: { case: 'responseHeaderModifier' as const, value } }
}

/** A host as proxies are told it. */
export function hostMessage(host: string): MessageInitShape<typeof HostMatchSchema> {
  if (!host.startsWith('*.')) return { match: { case: 'exact', value: host } }
  return { match: { case: 'suffix', value: { reverseLabels: host.slice(2).split('.').reverse() } } }
}

/** A match as proxies are told it. */
export function matchMessage(match: HttpRouteMatch): MessageInitShape<typeof HttpRouteMatchSchema> {
  const { headers, method, path, queryParams } = match
  return {
    path: { kind: { case: PATH_CASES[path.type], value: path.value } },
    headers: headers.map(headerMatchMessage),
    queryParams: queryParams.map(one => ({
      name: one.name,
      value: { case: valueCase(one), value: one.value },
    })),
    ...(method !== null && { method: methodMessage(method) }),
  }
}

/** A header that a match asks for. */
export function headerMatchMessage({
  name,
  type,
  value,
}: ValueMatch): MessageInitShape<typeof HeaderMatchSchema> {
  return {
    name,
    value: type === 'Exact' ? { case: 'exact', value: bytes(value) } : { case: 'regex', value },
  }
}

const PATH_CASES = { Exact: 'exact', PathPrefix: 'prefix', RegularExpression: 'regex' } as const

function valueCase({ type }: ValueMatch): 'exact' | 'regex' {
  return type === 'Exact' ? 'exact' : 'regex'
}

function methodMessage(method: string): MessageInitShape<typeof HttpMethodSchema> {
  const registered = REGISTERED.get(method)
  return registered === undefined
    ? { type: { case: 'unregistered', value: method } }
    : { type: { case: 'registered', value: registered } }
}

const REGISTERED = new Map(
  Object.entries(HttpMethod_Registered).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value] as const] : [],
  ),
)

function schemeMessage(scheme: string): MessageInitShape<typeof SchemeSchema> {
  if (scheme !== 'http' && scheme !== 'https') return { type: { case: 'unregistered', value: scheme } }
  const value = scheme === 'http' ? Scheme_Registered.HTTP : Scheme_Registered.HTTPS
  return { type: { case: 'registered', value } }
}

/** Headers as proxies are told them. */
export function headersMessage(headers: HeaderEdit['add']) {
  return { headers: headers.map(({ name, value }) => ({ name, value: bytes(value) })) }
}

function headerFilterMessage({ add, remove, set }: HeaderEdit) {
  const value = { add: headersMessage(add), set: headersMessage(set), remove: [...remove] }
  return { kind: { case: 'requestHeaderModifier' as const, value } }
}

/** A filter as proxies are told it. */
export function filterMessage(filter: RouteFilter) {
  switch (filter.kind) {
    case 'request-headers':
      return headerFilterMessage(filter)
    case 'redirect': {
      const { scheme, hostname, port, path, status } = filter
      const value = {
        ...(scheme !== null && { scheme: schemeMessage(scheme) }),
        host: hostname ?? '',
        port: port ?? 0,
        status,
        ...(path !== null && { path: { replace: { case: path.replace, value: path.value } } }),
      }
      return { kind: { case: 'redirect' as const, value } }
    }
    case 'failure': {
      const { status, message, part, of } = filter
      const ratio = { numerator: part, denominator: of }
      return { kind: { case: 'failureInjector' as const, value: { status, message, ratio } } }
    }
  }
}
