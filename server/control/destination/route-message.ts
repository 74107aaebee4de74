import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import {
  type RequestMatch,
  RequestMatchSchema,
  type ResponseMatch,
  ResponseMatchSchema,
  type Route,
  RouteSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import {
  type HttpMethod,
  HttpMethod_Registered,
  HttpMethodSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import type { ProfileRoute, RequestCondition, ResponseCondition } from '#lib/resources/service-profile.ts'

/** A profile's route as proxies are told it; its name travels as the label `route`. */
export function routeMessage(route: ProfileRoute): Route {
  return create(RouteSchema, {
    condition: requestMatch(route.condition),
    responseClasses: route.responseClasses.map(({ condition, isFailure }) => ({
      condition: responseMatch(condition),
      isFailure,
    })),
    metricsLabels: { route: route.name },
    isRetryable: route.isRetryable,
    ...(route.timeoutMs === null ? {} : { timeout: durationFromMs(route.timeoutMs) }),
  })
}

/** Several fields of one condition must all hold, which a message, having one field at a time, says by `all`. */
function requestMatch(condition: RequestCondition): RequestMatch {
  const parts: RequestMatch[] = []
  const add = (match: RequestMatch['match']): void => {
    parts.push(create(RequestMatchSchema, { match }))
  }
  if (condition.pathRegex !== undefined) {
    parts.push(create(RequestMatchSchema, { match: { case: 'path', value: { regex: condition.pathRegex } } }))
  }
  if (condition.method !== undefined) add({ case: 'method', value: methodMessage(condition.method) })
  if (condition.not !== undefined) add({ case: 'not', value: requestMatch(condition.not) })
  for (const kind of ['all', 'any'] as const) {
    const matches = condition[kind]?.map(requestMatch)
    if (matches) parts.push(create(RequestMatchSchema, { match: { case: kind, value: { matches } } }))
  }
  const [only, ...more] = parts
  if (only !== undefined && more.length === 0) return only
  return create(RequestMatchSchema, { match: { case: 'all', value: { matches: parts } } })
}

function responseMatch(condition: ResponseCondition): ResponseMatch {
  const parts: ResponseMatch[] = []
  if (condition.status !== undefined) {
    parts.push(create(ResponseMatchSchema, { match: { case: 'status', value: condition.status } }))
  }
  if (condition.not !== undefined) {
    parts.push(create(ResponseMatchSchema, { match: { case: 'not', value: responseMatch(condition.not) } }))
  }
  for (const kind of ['all', 'any'] as const) {
    const matches = condition[kind]?.map(responseMatch)
    if (matches) parts.push(create(ResponseMatchSchema, { match: { case: kind, value: { matches } } }))
  }
  const [only, ...more] = parts
  if (only !== undefined && more.length === 0) return only
  return create(ResponseMatchSchema, { match: { case: 'all', value: { matches: parts } } })
}

const registered = new Map<string, HttpMethod_Registered>(
  Object.entries(HttpMethod_Registered).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value]] : [],
  ),
)

function methodMessage(method: string): HttpMethod {
  const known = registered.get(method)
  return create(HttpMethodSchema, {
    type:
      known === undefined ? { case: 'unregistered', value: method } : { case: 'registered', value: known },
  })
}
