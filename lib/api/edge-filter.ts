import type { Edge } from './edges.ts'

/** What a list of edges can be narrowed to. */
export const edgeFilters = ['all', 'not-mtls', 'denied', 'failing'] as const
export type EdgeFilter = (typeof edgeFilters)[number]

/** Whether the edge belongs to what the filter shows. */
export function passesFilter(edge: Pick<Edge, 'secured' | 'denied' | 'golden'>, filter: EdgeFilter): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'not-mtls':
      return isInsecure(edge)
    case 'denied':
      return edge.denied > 0
    case 'failing':
      return hasErrors(edge)
  }
}

/**
 * Whether a part of what passes is known not to be secured, or it is not known that all of it is. Of what was refused
 * nothing passes.
 */
export function isInsecure({
  secured,
  denied,
  golden,
}: Pick<Edge, 'secured' | 'denied' | 'golden'>): boolean {
  return !secured && !(denied > 0 && (golden.requests ?? 0) === 0)
}

/** Whether over 5 % of what policy let in failed. Refusals are failures to a caller, but nothing is broken. */
export function hasErrors({
  denied,
  golden: { requests, successRate },
}: Pick<Edge, 'denied' | 'golden'>): boolean {
  if (requests === null || successRate === null) return false
  const failures = requests * (1 - successRate)
  const refusals = Math.min(denied, failures)
  const passed = requests - refusals
  // The two ends count a refusal at different moments: of nothing but refusals a few remain.
  return passed > requests * 0.05 && (failures - refusals) / passed > 0.05
}

/** Whether policy refused all there was, so that nothing passed that could have succeeded or failed. */
export function isAllRefused({
  denied,
  golden: { requests, successRate },
}: Pick<Edge, 'denied' | 'golden'>): boolean {
  if (denied === 0) return false
  // The two ends count a refusal at different moments: of nothing but refusals a few remain.
  const passed = (requests ?? 0) - denied
  return passed <= (requests ?? 0) * 0.05 && (successRate ?? 0) <= 0.05
}

/** What is told of an edge in numbers: of nothing but refusals there is no success rate. */
export function toldGolden(edge: Pick<Edge, 'denied' | 'golden'>): Edge['golden'] {
  return isAllRefused(edge) ? { ...edge.golden, successRate: null } : edge.golden
}
