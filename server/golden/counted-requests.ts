import type { Dimension, Range, ReadableStore, Row, Selector } from '#server/store/store.ts'
import { podKey } from './coverage.ts'
import { requestsOf } from './sums.ts'

const own: readonly Dimension[] = ['namespace', 'pod']

export interface CountedRequestsQuestion {
  readonly store: ReadableStore
  /** `namespace/name` of each. */
  readonly pods: ReadonlySet<string>
  /** Only what was sent to these; `null`: all. */
  readonly toPods: ReadonlySet<string> | null
  /** Cut up to the next whole slot. */
  readonly startMs: number
  readonly nowMs: number
}

/**
 * How many requests the proxies of these pods counted since `startMs`, up to the last slot that is final: each once, though
 * the proxies at both its ends may have counted it. `null` while no slot since then is final.
 */
export async function countRequests(
  question: CountedRequestsQuestion,
): Promise<{ readonly requests: number; readonly endMs: number } | null> {
  const { store, pods, toPods, nowMs } = question
  const slotMs = store.minimumWindowMs / 2
  const startMs = Math.ceil(question.startMs / slotMs) * slotMs
  const endMs = store.lastCompleteSlotEndMs(nowMs) ?? 0
  if (endMs <= startMs) return null
  return { requests: await countBetween(store, pods, toPods, { startMs, endMs }), endMs }
}

async function countBetween(
  store: ReadableStore,
  pods: ReadonlySet<string>,
  toPods: ReadonlySet<string> | null,
  range: Range,
): Promise<number> {
  const names = [...new Set([...pods].map(pod => pod.slice(pod.indexOf('/') + 1)))]
  const ask = async (view: Selector['view'], by: readonly Dimension[]): Promise<readonly Row[]> => {
    const { rows } = await store.sum({ by, where: { view, pod: names }, range })
    return rows.filter(({ key: [namespace = '', pod = ''] }) => pods.has(podKey({ namespace, pod })))
  }
  const outbound = await ask('outbound', [...own, 'peerNamespace', 'peerPod'])
  let sent = 0
  /** What each pod was sent by the others of them, that is, has been counted already. */
  const sentTo = new Map<string, number>()
  for (const { key, sums } of outbound) {
    const [, , namespace = '', pod = ''] = key
    const peer = podKey({ namespace, pod })
    if (toPods !== null && !toPods.has(peer)) continue
    sent += requestsOf(sums)
    sentTo.set(peer, (sentTo.get(peer) ?? 0) + requestsOf(sums))
  }
  if (toPods !== null) return sent
  const received = new Map<string, number>()
  // A refusal is not counted among the responses of who refuses.
  for (const { key, sums } of [...(await ask('inbound', own)), ...(await ask('denied', own))]) {
    const [namespace = '', pod = ''] = key
    const id = podKey({ namespace, pod })
    received.set(id, (received.get(id) ?? 0) + requestsOf(sums) + sums.denied)
  }
  let fromOthers = 0
  for (const [pod, requests] of received) fromOthers += Math.max(0, requests - (sentTo.get(pod) ?? 0))
  return sent + fromOthers
}
