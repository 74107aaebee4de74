import { unfoldedText } from '#lib/topology/unfolded.ts'
import type { GraphAddress } from './graph-address.ts'

/** The parameters that ask for the topology that an address shows, besides its time. */
export function topologyParams({
  groupBy,
  namespace,
  unfolded,
}: Pick<GraphAddress, 'groupBy' | 'namespace' | 'unfolded'>): Readonly<Record<string, string>> {
  const unfold = unfoldedText(unfolded)
  return { groupBy, fold: 'auto', ...(namespace !== null && { namespace }), ...(unfold !== '' && { unfold }) }
}
