/** The pod that a policy request is about. */
export interface WorkloadName {
  readonly namespace: string
  readonly pod: string
}

/** Reads `{"ns":"shop","pod":"web-1"}` (or `external_workload`), or the older `shop:web-1`; `undefined` for other texts. */
export function parseWorkload(text: string): WorkloadName | undefined {
  if (text.length > 4096) return undefined
  if (!text.trimStart().startsWith('{')) {
    const [namespace, pod, ...rest] = text.split(':')
    return namespace && pod && rest.length === 0 ? { namespace, pod } : undefined
  }
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    const { ns: namespace, pod = value.external_workload } = value
    if (typeof namespace !== 'string' || typeof pod !== 'string') return undefined
    return namespace && pod ? { namespace, pod } : undefined
  } catch {
    return undefined
  }
}
