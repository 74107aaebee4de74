import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import type { PolicyRoute } from './policy-route.ts'
import { type CompiledMatch, compileMatch, type RoutedRequest } from './request-match.ts'

/** Rules for requests to some hosts; no hosts: any, no matches: every request. */
export interface MatchingRoute {
  readonly hosts: readonly string[]
  readonly rules: readonly { readonly matches: readonly HttpRouteMatch[] }[]
}

/** Where a request belongs, and by which of the rule's matches; `null` stands for a rule without any. */
export interface FoundRoute<T extends MatchingRoute = PolicyRoute> {
  readonly route: T
  readonly rule: T['rules'][number]
  readonly match: HttpRouteMatch | null
}

/** Finds the route of a request; `null` when it belongs to none. */
export type RouteFinder<T extends MatchingRoute = PolicyRoute> = (
  request: RoutedRequest,
) => FoundRoute<T> | null

interface Candidate<T extends MatchingRoute> {
  readonly found: FoundRoute<T>
  readonly hosts: readonly string[]
  /** `null`: matches everything, as little as the path prefix `/` does. */
  readonly match: CompiledMatch | null
}

/**
 * The one that fits a request best, over all rules of all routes: by host (a name before an ending, a longer ending
 * before a shorter, no host last), then by how much of the path is named, then by the number of headers, of query
 * parameters, and a method. Of equals, the first. Throws a RangeError for a pattern that cannot be used.
 */
export function routeFinder<T extends MatchingRoute>(routes: readonly T[]): RouteFinder<T> {
  const candidates = routes.flatMap(route => route.rules.flatMap(rule => candidatesOf(route, rule)))
  return request => {
    let best: FoundRoute<T> | null = null
    let bestRank: readonly number[] = []
    for (const { found, hosts, match } of candidates) {
      const host = hostRank(hosts, request.host)
      if (host < 0) continue
      const rest = match === null ? NO_MATCH_RANK : match(request)
      if (rest === null) continue
      const rank = [host, ...rest]
      if (best === null || isHigher(rank, bestRank)) {
        best = found
        bestRank = rank
      }
    }
    return best
  }
}

const NO_MATCH_RANK = [1, 0, 0, 0]

function candidatesOf<T extends MatchingRoute>(route: T, rule: T['rules'][number]): Candidate<T>[] {
  const hosts = route.hosts.map(host => host.toLowerCase())
  if (rule.matches.length === 0) return [{ found: { route, rule, match: null }, hosts, match: null }]
  return rule.matches.map(match => ({ found: { route, rule, match }, hosts, match: compileMatch(match) }))
}

/** 0 for a route of any host, -1 for one of other hosts. */
function hostRank(hosts: readonly string[], host: string): number {
  if (hosts.length === 0) return 0
  let rank = -1
  for (const wanted of hosts) {
    if (!wanted.startsWith('*')) {
      if (wanted === host) return Number.POSITIVE_INFINITY
    } else if (host.endsWith(wanted.slice(1)) && host.length >= wanted.length) {
      rank = Math.max(rank, wanted.length)
    }
  }
  return rank
}

function isHigher(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, rank] of a.entries()) {
    const other = b[index] ?? 0
    if (rank !== other) return rank > other
  }
  return false
}
