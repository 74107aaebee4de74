import { parseEdgeFilter } from '#components/golden/edge-filter.ts'
import type { EdgeFilter } from '#lib/api/edge-filter.ts'
import { readUnfolded, type Unfolded, unfoldedText } from '#lib/topology/unfolded.ts'
import { type EdgeLabel, edgeLabels } from './edge-look.ts'
import type { Target } from './emphasis.ts'

export const groupings = ['workload', 'service', 'namespace'] as const
type Grouping = (typeof groupings)[number]

/** What the address of the page says about the picture, besides its time. */
export interface GraphAddress {
  readonly groupBy: Grouping
  /** `null`: the whole mesh. */
  readonly namespace: string | null
  readonly label: EdgeLabel
  readonly filter: EdgeFilter
  readonly selected: Target | null
  readonly view: 'graph' | 'table'
  readonly unfolded: Unfolded
}

/** What an address says; anything it does not say, or says wrongly, is as usual. */
export function readGraphAddress(search: Pick<URLSearchParams, 'get'>): GraphAddress {
  const namespace = search.get('namespace')
  const node = search.get('node')
  const edge = search.get('edge')
  return {
    groupBy: groupings.find(one => one === search.get('groupBy')) ?? 'workload',
    namespace: namespace === null || namespace === '' || namespace === '_all' ? null : namespace,
    label: edgeLabels.find(one => one === search.get('label')) ?? 'rps',
    filter: parseEdgeFilter(search.get('show')),
    selected: node ? { type: 'node', id: node } : edge ? { type: 'edge', id: edge } : null,
    view: search.get('view') === 'table' ? 'table' : 'graph',
    unfolded: readUnfolded(search.get('unfold')),
  }
}

/** What a picture is asked about, in a text: under it places that somebody chose are kept. */
export function pictureSubject({ groupBy, namespace }: Pick<GraphAddress, 'groupBy' | 'namespace'>): string {
  return `${groupBy} ${namespace ?? ''}`
}

/** A change of some of what an address says. Another grouping ends the selection, for its ids are others. */
export type AddressChange = Partial<GraphAddress>

/** The parameters that say a change: a value, or `null` to leave the parameter out. */
export function changedParams(change: AddressChange): Readonly<Record<string, string | null>> {
  const { groupBy, namespace, label, filter, selected, view, unfolded } = change
  const params: Record<string, string | null> = {}
  if (groupBy !== undefined) {
    Object.assign(params, {
      groupBy: groupBy === 'workload' ? null : groupBy,
      node: null,
      edge: null,
      unfold: null,
    })
  }
  if (namespace !== undefined) params.namespace = namespace
  if (label !== undefined) params.label = label === 'rps' ? null : label
  if (filter !== undefined) params.show = filter === 'all' ? null : filter
  if (view !== undefined) params.view = view === 'graph' ? null : view
  if (unfolded !== undefined) params.unfold = unfoldedText(unfolded) || null
  if (selected !== undefined) {
    params.node = selected?.type === 'node' ? selected.id : null
    params.edge = selected?.type === 'edge' ? selected.id : null
  }
  return params
}
