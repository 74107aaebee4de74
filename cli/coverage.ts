import type { Coverage } from '#lib/api/common.ts'

const namedMax = 5

/** What has to be said of the answers beside their numbers: each a line; empty when nothing is amiss. */
export function coverageWarnings(coverages: readonly Coverage[]): readonly string[] {
  return [missingWarning(coverages), refusalWarning(coverages)].filter(warning => warning !== null)
}

/**
 * A warning that names the proxies missing from the answers, once each; `null` when all answered.
 * More than five are counted rather than named.
 */
function missingWarning(coverages: readonly Coverage[]): string | null {
  const missing = new Map(
    coverages.flatMap(({ missing: proxies }) =>
      proxies.map(proxy => [`${proxy.namespace}/${proxy.pod}`, proxy]),
    ),
  )
  if (missing.size === 0) return null
  const named = [...missing].slice(0, namedMax).map(([id, { since, reason }]) => {
    const heard = since === null ? 'never heard of' : `not heard of since ${since}`
    return `${id} (${heard}: ${reason})`
  })
  const rest = missing.size > namedMax ? ` and ${missing.size - namedMax} more` : ''
  const expected = Math.max(...coverages.map(coverage => coverage.expected), missing.size)
  return `Warning: ${missing.size} of ${expected} proxies did not answer, the numbers lack theirs: ${named.join(', ')}${rest}`
}

/** A warning that the mesh is shown as it was, because its newest description was refused; `null` when it was not. */
function refusalWarning(coverages: readonly Coverage[]): string | null {
  const refused = coverages.find(coverage => coverage.refused !== undefined)?.refused
  return refused === undefined
    ? null
    : `Warning: the newest description of the mesh is not in use: ${refused}`
}
