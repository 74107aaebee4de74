import type { Segment } from '#components/ui/segments.tsx'
import { type EdgeFilter, edgeFilters, passesFilter } from '#lib/api/edge-filter.ts'
import type { Edge } from '#lib/api/edges.ts'

const words: Readonly<Record<EdgeFilter, string>> = {
  all: 'All',
  'not-mtls': 'Not mTLS',
  denied: 'Denied',
  failing: 'Failing',
}

/** The filters to choose from, each with how many of the edges it would show; `null` while these load. */
export function edgeFilterOptions(
  edges: readonly Pick<Edge, 'secured' | 'denied' | 'golden'>[] | null,
): readonly Segment<EdgeFilter>[] {
  return edgeFilters.map(value => ({
    value,
    words: words[value],
    count: edges?.filter(edge => passesFilter(edge, value)).length ?? null,
    alarms: value !== 'all',
  }))
}

/** The filter an address names; `all` for anything else. */
export function parseEdgeFilter(text: string | null): EdgeFilter {
  return edgeFilters.find(filter => filter === text) ?? 'all'
}
