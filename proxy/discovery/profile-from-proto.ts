import { durationMs } from '@bufbuild/protobuf/wkt'
import type {
  DestinationProfile,
  RequestMatch,
  ResponseMatch,
  Route,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { type HttpMethod, HttpMethod_Registered } from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import type { RouteSpec } from '#lib/profile/compile-routes.ts'
import type {
  RequestCondition,
  ResponseClass,
  ResponseCondition,
  RetryBudget,
  WeightedAuthority,
} from '#lib/resources/service-profile.ts'

/** Services that one service may be split between; further ones get nothing. */
const MAX_BACKENDS = 64

/**
 * The routes of a profile in their order. A route whose condition is missing, or has a part that says nothing, is
 * left out: it would match what its author did not mean.
 */
export function routesFromProto(profile: DestinationProfile): readonly RouteSpec[] {
  return profile.routes.flatMap(route => routeFromProto(route) ?? [])
}

/** `null` for a profile that names no budget, or one that cannot be meant. */
export function retryBudgetFromProto({ retryBudget }: DestinationProfile): RetryBudget | null {
  if (retryBudget?.ttl === undefined) return null
  const { minRetriesPerSecond, ttl } = retryBudget
  // It travels with seven digits: 0.2 comes as 0.20000000298.
  const retryRatio = Math.round(retryBudget.retryRatio * 1e6) / 1e6
  const ttlMs = durationMs(ttl)
  const isMeant = retryRatio >= 0 && retryRatio <= 1000 && ttlMs >= 1000 && ttlMs <= 60_000
  return isMeant ? { retryRatio, minRetriesPerSecond, ttlMs } : null
}

/** Where requests go instead, by weight; empty: nowhere else. Those of no weight are left out. */
export function splitFromProto({ dstOverrides }: DestinationProfile): readonly WeightedAuthority[] {
  return dstOverrides
    .filter(({ weight }) => weight > 0)
    .slice(0, MAX_BACKENDS)
    .map(({ authority, weight }) => ({ authority, weight }))
}

function routeFromProto(route: Route): RouteSpec | null {
  const condition = route.condition === undefined ? null : requestCondition(route.condition)
  if (condition === null) return null
  return {
    name: route.metricsLabels.route ?? '',
    labels: route.metricsLabels,
    condition,
    responseClasses: route.responseClasses.flatMap(({ condition: response, isFailure }): ResponseClass[] => {
      const read = response === undefined ? null : responseCondition(response)
      return read === null ? [] : [{ condition: read, isFailure }]
    }),
    isRetryable: route.isRetryable,
    timeoutMs: route.timeout === undefined ? null : durationMs(route.timeout),
  }
}

function requestCondition({ match }: RequestMatch): RequestCondition | null {
  switch (match.case) {
    case 'all':
      return wrap(everyOf(match.value.matches, requestCondition), all => ({ all }))
    case 'any':
      return wrap(everyOf(match.value.matches, requestCondition), any => ({ any }))
    case 'not':
      return wrap(requestCondition(match.value), not => ({ not }))
    case 'path':
      return { pathRegex: match.value.regex }
    case 'method':
      return wrap(methodName(match.value), method => ({ method }))
    case undefined:
      return null
  }
}

function responseCondition({ match }: ResponseMatch): ResponseCondition | null {
  switch (match.case) {
    case 'all':
      return wrap(everyOf(match.value.matches, responseCondition), all => ({ all }))
    case 'any':
      return wrap(everyOf(match.value.matches, responseCondition), any => ({ any }))
    case 'not':
      return wrap(responseCondition(match.value), not => ({ not }))
    case 'status':
      return { status: { min: match.value.min, max: match.value.max } }
    case undefined:
      return null
  }
}

function methodName({ type }: HttpMethod): string | null {
  switch (type.case) {
    case 'registered':
      return HttpMethod_Registered[type.value] ?? null
    case 'unregistered':
      return type.value
    case undefined:
      return null
  }
}

function everyOf<A, B>(parts: readonly A[], read: (part: A) => B | null): readonly B[] | null {
  const all = parts.flatMap(part => read(part) ?? [])
  return all.length === parts.length ? all : null
}

function wrap<A, B>(value: A | null, make: (value: A) => B): B | null {
  return value === null ? null : make(value)
}
