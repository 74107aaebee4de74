import type { Answer, Dimension, Question, Range, View } from '#server/store/store.ts'
import { callersOf, type Grain } from './callers.ts'
import type { Ground } from './ground.ts'
import { servicesByWorkload } from './inventory.ts'
import type { Link } from './link.ts'
import { oncePerState } from './once-per-state.ts'
import { PairSet } from './pair-set.ts'
import { Reading } from './told.ts'

/** The links of a range, or of each of its steps. */
export interface Links {
  readonly answer: Answer
  /** By start of the step in Unix milliseconds; without steps, by the start of the range. */
  readonly byStep: ReadonlyMap<number, readonly Link[]>
}

const own: readonly Dimension[] = ['namespace', 'kind', 'name']
const peer: readonly Dimension[] = ['peerNamespace', 'peerKind', 'peerName']

/**
 * Who sent what to whom. A link's numbers are the source's where it was scraped, else the destination's: never the
 * sum of both. With steps each has its own links.
 */
export async function findLinks(
  { store, platform }: Ground,
  range: Range,
  grain: Grain,
  detail: Pick<Question, 'stepSeconds' | 'withStatuses'> = {},
): Promise<Links> {
  const pods: readonly Dimension[] = grain === 'pod' ? ['pod'] : []
  const peerPods: readonly Dimension[] = grain === 'pod' ? ['peerPod'] : []
  const inboundBy: readonly Dimension[] = [...own, ...pods, 'peerId', 'tls']
  const outboundBy: readonly Dimension[] = [
    ...own,
    ...pods,
    ...peer,
    ...peerPods,
    'peerId',
    'tls',
    'service',
    'authority',
  ]
  const ask = async (view: View, by: readonly Dimension[]) => {
    const answer = await store.sum({ by, where: { view }, range, ...detail })
    return { view, by, answer }
  }
  const askAll = () =>
    Promise.all([
      ask('outbound', outboundBy),
      ask('inbound', inboundBy),
      ask('caller', inboundBy),
      ask('denied', inboundBy),
    ])
  let answers = await askAll()
  // Numbers that aged between two of the sums are told in coarser slots by the later ones.
  const { startMs, endMs } = answers[0].answer.range
  const isOneRange = answers.every(
    ({ answer }) => answer.range.startMs === startMs && answer.range.endMs === endMs,
  )
  if (!isOneRange) answers = await askAll()
  const state = platform.current()
  const callers = callersOf(state, grain)
  const reading = readingOf(state, grain)
  const services = servicesByWorkload(state)
  const steps = new Map<number, PairSet>()
  for (const { view, by, answer } of answers) {
    for (const row of answer.rows) {
      const pairs = steps.get(row.atMs) ?? new PairSet(callers)
      steps.set(row.atMs, pairs)
      pairs.add(view, reading.read(view, by, row), row.sums)
    }
  }
  const byStep = new Map([...steps].map(([atMs, pairs]) => [atMs, pairs.links(services)]))
  return { answer: answers[0].answer, byStep }
}

const readingOf = oncePerState((state, grain: Grain) => new Reading(callersOf(state, grain)))
