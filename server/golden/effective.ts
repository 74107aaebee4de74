import type { Golden } from '#lib/api/common.ts'
import type { PeerKind } from '#lib/resources/kinds.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import type { Dimension, Range, Sums } from '#server/store/store.ts'
import { askOf } from './asks.ts'
import type { Ground } from './ground.ts'
import { type Link, refusedOf } from './link.ts'
import { addSums, emptySums, goldenOf, requestsOf } from './sums.ts'

/** What callers saw after retries, beside the attempts it took. */
export interface Effective {
  readonly effective: Golden
  readonly retries: number
}

const by: readonly Dimension[] = ['namespace', 'kind', 'name', 'authority']

/** Exchanges and attempts as callers' proxies counted them, of all routes together, by `askOf`. */
export async function findAsks({ store }: Ground, range: Range): Promise<ReadonlyMap<string, Sums>> {
  const answer = await store.sum({ by, where: { view: 'route', direction: 'outbound' }, range })
  const asks = new Map<string, Sums>()
  for (const { key, sums } of answer.rows) {
    const [namespace = '', kind = '', name = '', authority = ''] = key
    const ask = askOf(resourceId({ namespace, kind: kind as PeerKind, name }), authority)
    const total = asks.get(ask) ?? emptySums()
    asks.set(ask, total)
    addSums(total, sums)
  }
  return asks
}

/**
 * What came of each edge's requests after retries, by the edge's id. Only of edges on which routes were counted, and
 * not where what was asked went to several: nobody counts which of them a retry left for.
 */
export function effectiveByEdge(
  edges: ReadonlyMap<string, Link>,
  asks: ReadonlyMap<string, Sums>,
): ReadonlyMap<string, Effective> {
  const edgesOfAsk = new Map<string, number>()
  for (const { asks: own } of edges.values()) {
    for (const ask of own ?? []) edgesOfAsk.set(ask, (edgesOfAsk.get(ask) ?? 0) + 1)
  }
  const found = new Map<string, Effective>()
  for (const [id, link] of edges) {
    const counted = [...(link.asks ?? [])].filter(ask => asks.has(ask))
    if (counted.length === 0 || counted.some(ask => edgesOfAsk.get(ask) !== 1)) continue
    const routed = emptySums()
    for (const ask of counted) addSums(routed, asks.get(ask) ?? emptySums())
    found.set(id, effectiveOf(link, routed))
  }
  return found
}

/** Of the attempts, those of routes are replaced by what came of them; what no route counted was tried once. */
function effectiveOf(link: Link, routed: Sums): Effective {
  const { sums } = link
  const attempts = routed.actualSuccess + routed.actualFailure
  const isAll = attempts >= requestsOf(sums)
  const success = Math.max(0, sums.success - routed.actualSuccess) + routed.success
  const failure = Math.max(0, sums.failure - routed.actualFailure) + routed.failure
  const requests = requestsOf(sums)
  const perSecond = requests === 0 ? 0 : (sums.responsesPerSecond * (success + failure)) / requests
  return {
    effective: goldenOf(
      {
        ...emptySums(),
        success,
        failure,
        latency: isAll ? routed.latency : null,
        responsesPerSecond: perSecond,
      },
      true,
      refusedOf(link),
    ),
    retries: Math.max(0, attempts - requestsOf(routed)),
  }
}
