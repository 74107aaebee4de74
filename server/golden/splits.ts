import type { SplitRow, SplitsAnswer, SplitsQuery } from '#lib/api/splits.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { Dimension, Sums } from '#server/store/store.ts'
import { compareText, coverageOf, heardPods } from './coverage.ts'
import type { Ground } from './ground.ts'
import { serviceNamed } from './profiles.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { readNamespace } from './scope.ts'
import { addSums, emptySums, goldenOf, requestsOf } from './sums.ts'

const by: readonly Dimension[] = ['authority', 'service']

/** A service whose callers are sent to others by weight. */
interface Split {
  readonly namespace: string
  readonly name: string
  readonly apex: string
  readonly leaves: readonly { readonly namespace: string; readonly name: string; readonly weight: number }[]
}

/** Every backend of every split: the share that was asked for it, and the one its callers saw. */
export async function answerSplits(ground: Ground, query: SplitsQuery): Promise<SplitsAnswer> {
  const state = ground.platform.current()
  const namespace = readNamespace(state, query.namespace)
  const resolved = resolveRange(ground, query)
  const answer = await ground.store.sum({ by, where: { view: 'outbound' }, range: resolved.range })
  const counted = new Map<string, Sums>()
  for (const { key, sums } of answer.rows) {
    const [authority = '', service = ''] = key
    const apex = serviceNamed(authority, state.clusterDomain)
    if (apex === null) continue
    const id = `${apex.namespace}/${apex.name} ${service}`
    const total = counted.get(id) ?? emptySums()
    counted.set(id, total)
    addSums(total, sums)
  }
  const isHeard = heardPods(answer).size > 0
  const splits = splitsOf(state).filter(one => namespace === null || one.namespace === namespace)
  return {
    span: spanOf(ground, answer),
    coverage: coverageOf(ground, answer, state.instances, resolved),
    ...noteOf(resolved.note),
    rows: splits.flatMap(split => rowsOf(split, counted, isHeard)).sort((a, b) => compareText(a.id, b.id)),
  }
}

/** TrafficSplits, and ServiceProfiles that send elsewhere, which go before a TrafficSplit of the same service. */
function splitsOf(state: MeshState): readonly Split[] {
  const ofProfiles = state.profiles.flatMap(profile => {
    const apex = serviceNamed(profile.name, state.clusterDomain)
    if (apex === null || profile.dstOverrides.length === 0) return []
    const leaves = profile.dstOverrides.flatMap(({ authority, weight }) => {
      const leaf = serviceNamed(authority, state.clusterDomain)
      return leaf === null ? [] : [{ namespace: leaf.namespace, name: leaf.name, weight }]
    })
    return [{ namespace: apex.namespace, name: profile.name, apex: apex.name, leaves }]
  })
  const isOverridden = (namespace: string, apex: string) =>
    ofProfiles.some(one => one.namespace === namespace && one.apex === apex)
  const ofSplits = state.splits
    .filter(({ namespace, service }) => !isOverridden(namespace, service))
    .map(({ backends, name, namespace, service }) => ({
      namespace,
      name,
      apex: service,
      leaves: backends.map(one => ({ namespace, name: one.service, weight: one.weight })),
    }))
  return [...ofProfiles, ...ofSplits]
}

function rowsOf(
  { apex, leaves, name, namespace }: Split,
  counted: ReadonlyMap<string, Sums>,
  isHeard: boolean,
) {
  const sumsOf = (leaf: Split['leaves'][number]) =>
    counted.get(`${namespace}/${apex} ${leaf.namespace}/${leaf.name}`)
  const requests = leaves.map(leaf => requestsOf(sumsOf(leaf) ?? emptySums()))
  const all = requests.reduce((sum, one) => sum + one, 0)
  const weights = leaves.reduce((sum, { weight }) => sum + weight, 0)
  return leaves.map((leaf, index): SplitRow => {
    const called = leaf.namespace === namespace ? leaf.name : `${leaf.name}.${leaf.namespace}`
    return {
      id: `${namespace}/${name} ${called}`,
      namespace,
      split: name,
      apex,
      leaf: called,
      weight: leaf.weight,
      asked: weights === 0 ? null : leaf.weight / weights,
      seen: all === 0 ? null : (requests[index] ?? 0) / all,
      total: all > 0 || isHeard ? all : null,
      golden: goldenOf(sumsOf(leaf), isHeard),
    }
  })
}
