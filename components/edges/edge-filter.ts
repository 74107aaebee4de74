import type { Edge } from '#lib/api/edges.ts'

/** What a list of edges can be narrowed to. */
export const edgeFilters = ['all', 'not-mtls', 'denied', 'failing'] as const
export type EdgeFilter = (typeof edgeFilters)[number]

export const edgeFilterWords: Readonly<Record<EdgeFilter, string>> = {
  all: 'All',
  'not-mtls': 'Not mTLS',
  denied: 'Denied',
  failing: 'Failing',
}

/** The filter an address names; `all` for anything else. */
export function parseEdgeFilter(text: string | null): EdgeFilter {
  return edgeFilters.find(filter => filter === text) ?? 'all'
}

/** A success rate under this is failing: where the overview begins to warn. */
const failingBelow = 0.95

/** Whether the edge belongs to what the filter shows. */
export function passesFilter(edge: Edge, filter: EdgeFilter): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'not-mtls':
      return !edge.secured
    case 'denied':
      return edge.denied > 0
    case 'failing':
      return edge.golden.successRate !== null && edge.golden.successRate < failingBelow
  }
}

/** Whether a word of the edge's ends or identities contains the text. */
export function mentions({ source, destination, clientId, serverId }: Edge, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const words = [source.namespace, source.name, destination.namespace, destination.name, clientId, serverId]
  return `${words.join(' ')} ${source.namespace}/${source.name} ${destination.namespace}/${destination.name}`
    .toLowerCase()
    .includes(wanted)
}
