import { type EdgeFilter, edgeFilters } from '#lib/api/edge-filter.ts'
import type { Edge } from '#lib/api/edges.ts'

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

/** Whether a word of the edge's ends or identities contains the text. */
export function mentions({ source, destination, clientId, serverId }: Edge, text: string): boolean {
  const wanted = text.trim().toLowerCase()
  if (wanted === '') return true
  const words = [source.namespace, source.name, destination.namespace, destination.name, clientId, serverId]
  return `${words.join(' ')} ${source.namespace}/${source.name} ${destination.namespace}/${destination.name}`
    .toLowerCase()
    .includes(wanted)
}
