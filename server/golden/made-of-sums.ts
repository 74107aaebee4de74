import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { Answer, Question, ReadableStore, StoreStats } from '#server/store/store.ts'
import type { Ground } from './ground.ts'

interface Made<T> {
  readonly state: MeshState
  readonly sums: readonly Summed[]
  readonly value: T
}

interface Summed {
  readonly question: Question
  readonly answer: Answer
}

/**
 * What was made of sums and of the mesh's state lately, by name: made anew once one of them is another. A store that
 * remembers gives the same answer again, so that all who ask the same within a round of scrapes share what was made of
 * it. Of more than `most` names those not asked for longest are forgotten.
 */
export class MadeOfSums<T> {
  readonly #most: number
  readonly #made = new Map<string, Made<T>>()
  readonly #making = new Map<string, Promise<T>>()

  constructor(most: number) {
    this.#most = most
  }

  /** What `make` makes with the ground it is given; those who ask for the same name meanwhile wait for the same. */
  get(name: string, ground: Ground, make: (ground: Ground) => Promise<T>): Promise<T> {
    const underWay = this.#making.get(name)
    if (underWay) return underWay
    const making = this.#find(name, ground, make).finally(() => this.#making.delete(name))
    this.#making.set(name, making)
    return making
  }

  async #find(name: string, ground: Ground, make: (ground: Ground) => Promise<T>): Promise<T> {
    const state = ground.platform.current()
    const known = this.#made.get(name)
    this.#made.delete(name)
    if (known?.state === state && (await areTheSame(known.sums, ground.store))) return this.#keep(name, known)
    const store = new NotingStore(ground.store)
    const value = await make({ ...ground, store, nowMs: () => ground.nowMs() })
    return this.#keep(name, { state, sums: store.sums, value })
  }

  #keep(name: string, made: Made<T>): T {
    this.#made.set(name, made)
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= this.#most) break
      this.#made.delete(oldest)
    }
    return made.value
  }
}

async function areTheSame(sums: readonly Summed[], store: ReadableStore): Promise<boolean> {
  for (const { question, answer } of sums) if ((await store.sum(question)) !== answer) return false
  return true
}

/** Notes what it was asked, and what the store it stands for answered. */
class NotingStore implements ReadableStore {
  readonly sums: Summed[] = []
  readonly #store: ReadableStore

  constructor(store: ReadableStore) {
    this.#store = store
  }

  async sum(question: Question): Promise<Answer> {
    const answer = await this.#store.sum(question)
    this.sums.push({ question, answer })
    return answer
  }

  get minimumWindowMs(): number {
    return this.#store.minimumWindowMs
  }

  get heardSinceMs(): number | null {
    return this.#store.heardSinceMs
  }

  get gaps(): ReadableStore['gaps'] {
    return this.#store.gaps
  }

  get problem(): string | null {
    return this.#store.problem
  }

  get lostBeforeMs(): number | null {
    return this.#store.lostBeforeMs
  }

  lastCompleteSlotEndMs(nowMs: number): number | null {
    return this.#store.lastCompleteSlotEndMs(nowMs)
  }

  retained(nowMs: number): ReturnType<ReadableStore['retained']> {
    return this.#store.retained(nowMs)
  }

  stats(): StoreStats {
    return this.#store.stats()
  }

  close(): Promise<void> {
    return this.#store.close()
  }
}
