/** Who asks, as far as its context token tells. */
export interface ClientContext {
  readonly namespace: string
  readonly pod: string
}

/** Reads `{"ns":"shop","pod":"web-1"}`; what is missing, or any other text, comes back empty. */
export function parseClientContext(token: string): ClientContext {
  if (token === '' || token.length > 4096) return { namespace: '', pod: '' }
  try {
    const value: unknown = JSON.parse(token)
    if (typeof value !== 'object' || value === null) return { namespace: '', pod: '' }
    return {
      namespace: 'ns' in value && typeof value.ns === 'string' ? value.ns : '',
      pod: 'pod' in value && typeof value.pod === 'string' ? value.pod : '',
    }
  } catch {
    return { namespace: '', pod: '' }
  }
}
