import type { Golden } from '#lib/api/common.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import type { Range } from '#server/store/store.ts'
import type { Grain } from './callers.ts'
import type { Ground } from './ground.ts'
import { resourceAt } from './grouping.ts'
import { refusedOf } from './link.ts'
import { findLinks } from './links.ts'
import { addSums, emptySums, goldenOf, requestsOf } from './sums.ts'
import type { Subject } from './traffic.ts'

/**
 * What those of the workloads and pods sent that received nothing in the range, by id: they are no idle ones. Refused
 * requests are none of the successes. Things that sent nothing either, and kinds that are not one program, have no
 * entry.
 */
export async function sentByReceiverless(
  ground: Ground,
  subjects: readonly Subject[],
  range: Range,
): Promise<ReadonlyMap<string, Golden>> {
  const silent = subjects.filter(({ ref, instances, bySteps }) => {
    const [traffic] = bySteps.values()
    const isProgram = ref.kind !== 'namespace' && ref.kind !== 'service' && ref.kind !== 'mesh'
    return isProgram && instances.length > 0 && (!traffic || requestsOf(traffic.sums) === 0)
  })
  const sent = new Map<string, Golden>()
  for (const grain of ['workload', 'pod'] as const) {
    const ofGrain = silent.filter(({ ref }) => (ref.kind === 'pod') === (grain === 'pod'))
    const senders = await sendersAmong(ground, ofGrain, range, grain)
    if (senders.size > 0) await addSent(sent, ground, senders, range, grain)
  }
  return sent
}

/** The ids of those that sent requests, as their own proxies tell: links are asked for only when there is one. */
async function sendersAmong(
  { store }: Ground,
  subjects: readonly Subject[],
  range: Range,
  grain: Grain,
): Promise<ReadonlySet<string>> {
  const senders = new Set<string>()
  if (subjects.length === 0) return senders
  const ids = new Map(subjects.map(({ ref }) => [resourceId(ref), ref.name]))
  const { rows } = await store.sum({
    by: grain === 'pod' ? ['namespace', 'pod'] : ['namespace', 'kind', 'name'],
    where: { view: 'outbound', [grain === 'pod' ? 'pod' : 'name']: [...ids.values()] },
    range,
  })
  for (const { key, sums } of rows) {
    const id = grain === 'pod' ? `${key[0]}/pod/${key[1]}` : key.join('/')
    if (ids.has(id) && requestsOf(sums) > 0) senders.add(id)
  }
  return senders
}

async function addSent(
  into: Map<string, Golden>,
  ground: Ground,
  senders: ReadonlySet<string>,
  range: Range,
  grain: Grain,
): Promise<void> {
  const { byStep } = await findLinks(ground, range, grain)
  const found = new Map([...senders].map(id => [id, { sums: emptySums(), refused: 0 }]))
  for (const link of [...byStep.values()].flat()) {
    const ref = resourceAt(link.source, grain)
    const sent = ref && found.get(resourceId(ref))
    if (!sent) continue
    addSums(sent.sums, link.sums)
    sent.refused += refusedOf(link)
  }
  for (const [id, { sums, refused }] of found) into.set(id, goldenOf(sums, true, refused))
}
