import type { Golden } from '#lib/api/common.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import type { Range } from '#server/store/store.ts'
import type { Ground } from './ground.ts'
import { goldenOf, requestsOf } from './sums.ts'
import type { Subject } from './traffic.ts'

/**
 * What those of the workloads and pods sent that received nothing in the range, by id: they are no idle ones. Things
 * that sent nothing either, and kinds that are not one program, have no entry.
 */
export async function sentByReceiverless(
  { store }: Ground,
  subjects: readonly Subject[],
  range: Range,
): Promise<ReadonlyMap<string, Golden>> {
  const silent = subjects.filter(({ ref, instances, bySteps }) => {
    const [traffic] = bySteps.values()
    const isProgram = ref.kind !== 'namespace' && ref.kind !== 'service' && ref.kind !== 'mesh'
    return isProgram && instances.length > 0 && (!traffic || requestsOf(traffic.sums) === 0)
  })
  const sent = new Map<string, Golden>()
  for (const isPod of [false, true]) {
    const ids = new Map(
      silent
        .filter(({ ref }) => (ref.kind === 'pod') === isPod)
        .map(({ ref }) => [resourceId(ref), ref.name]),
    )
    if (ids.size === 0) continue
    const { rows } = await store.sum({
      by: isPod ? ['namespace', 'pod'] : ['namespace', 'kind', 'name'],
      where: { view: 'outbound', [isPod ? 'pod' : 'name']: [...ids.values()] },
      range,
    })
    for (const { key, sums } of rows) {
      const id = isPod ? `${key[0]}/pod/${key[1]}` : key.join('/')
      if (ids.has(id) && requestsOf(sums) > 0) sent.set(id, goldenOf(sums, true))
    }
  }
  return sent
}
