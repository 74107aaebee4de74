import { nextTurn } from '#server/next-turn.ts'
import type { Answer, Question, Store } from '#server/store/store.ts'

/** What a sum may take before others get their turn. */
const longMs = 5

/**
 * The same store, whose sums are made one after another; after a long one, whatever else waits has its turn. So an answer
 * of several sums over a large mesh holds up no scrape and no page for longer than one of them takes.
 */
export function turnTaking(store: Store, nowMs: () => number): Store {
  let last: Promise<unknown> = Promise.resolve()
  const sum = async (question: Question): Promise<Answer> => {
    const startMs = nowMs()
    const answer = await store.sum(question)
    if (nowMs() - startMs > longMs) await nextTurn()
    return answer
  }
  return {
    append: delta => store.append(delta),
    sum(question) {
      const answer = last.then(() => sum(question))
      last = answer.catch(() => {})
      return answer
    },
    get minimumWindowMs() {
      return store.minimumWindowMs
    },
    get heardSinceMs() {
      return store.heardSinceMs
    },
    get gaps() {
      return store.gaps
    },
    get problem() {
      return store.problem
    },
    get lostBeforeMs() {
      return store.lostBeforeMs
    },
    lastCompleteSlotEndMs: nowMs => store.lastCompleteSlotEndMs(nowMs),
    retained: nowMs => store.retained(nowMs),
    stats: () => store.stats(),
    close: () => store.close(),
  }
}
