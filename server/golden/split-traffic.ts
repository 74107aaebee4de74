import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import type { Dimension, Range, Row } from '#server/store/store.ts'
import type { Ground } from './ground.ts'
import { profileOf, serviceNamed } from './profiles.ts'
import { inScope, type Scope } from './scope.ts'
import type { Detail } from './tally.ts'

/** What callers asked of a service, and others answered in its place. */
export interface SplitRow {
  readonly ref: ResourceRef
  readonly row: Row
  readonly isSecured: boolean
}

const by: readonly Dimension[] = ['authority', 'service', 'peerId', 'tls']

/**
 * What went to the backends of services that are split: it is counted of these, and of the services that were asked
 * for it, which else would look idle. Nothing is asked where no service of the scope is split.
 */
export async function splitRows(
  { platform, store }: Ground,
  range: Range,
  scope: Scope,
  detail: Detail,
): Promise<readonly SplitRow[]> {
  const state = platform.current()
  const authority = splitAuthorities(state, scope)
  if (authority.length === 0) return []
  const { rows } = await store.sum({ by, where: { view: 'outbound', authority }, range, ...detail })
  return rows.flatMap(row => {
    const [asked = '', service = '', peerId = '', tls = ''] = row.key
    const ref = serviceNamed(asked, state.clusterDomain)
    if (ref === null || service === `${ref.namespace}/${ref.name}`) return []
    return [{ ref, row, isSecured: tls === 'true' && peerId !== '' }]
  })
}

/** FQDN and port of the services in the scope that a TrafficSplit, or their profile, sends elsewhere. */
function splitAuthorities(state: MeshState, scope: Scope): string[] {
  return state.services.flatMap(({ name, namespace, ports }) => {
    const ref: ResourceRef = { namespace, kind: 'service', name }
    if (!inScope(scope, ref)) return []
    const isSplit =
      state.splits.some(one => one.service === name && one.namespace === namespace) ||
      (profileOf(state, ref)?.dstOverrides.length ?? 0) > 0
    return isSplit ? ports.map(({ port }) => `${name}.${namespace}.svc.${state.clusterDomain}:${port}`) : []
  })
}
