import { slotStartMs } from '#lib/metrics/slots.ts'
import type { Delta } from './delta.ts'
import type { Answer, Question, Range, Store, StoreStats } from './store.ts'

/** A store that keeps what happened for long, and may be away. */
export interface LongStore extends Store {
  /** Whether it can answer at present. */
  readonly canAnswer: boolean
}

/** The coarsest slot of a store of the recent past. */
const recentSlotMs = 10_000

/**
 * A store of what both keep: questions that the recent one knows all about are answered there, all others by the long
 * one, which knows what happened before this process, too. While the long one cannot answer, the recent one answers
 * alone, and the problem says so.
 */
export function createLayeredStore(recent: Store, long: LongStore): Store {
  return new LayeredStore(recent, long)
}

class LayeredStore implements Store {
  readonly #recent: Store
  readonly #long: LongStore
  /** From when on the recent store was told all; of what was before another process may have counted. */
  #recentFromMs: number | null
  #newestMs = Number.NEGATIVE_INFINITY

  constructor(recent: Store, long: LongStore) {
    this.#recent = recent
    this.#long = long
    this.#recentFromMs = long.canAnswer && long.heardSinceMs === null ? Number.NEGATIVE_INFINITY : null
  }

  append(delta: Delta): void {
    this.#recentFromMs ??= delta.endMs
    this.#newestMs = Math.max(this.#newestMs, delta.endMs)
    this.#recent.append(delta)
    this.#long.append(delta)
  }

  async sum(question: Question): Promise<Answer> {
    return this.#isRecent(question) || !this.#long.canAnswer
      ? this.#recent.sum(question)
      : this.#long.sum(question)
  }

  get minimumWindowMs(): number {
    return this.#recent.minimumWindowMs
  }

  get problem(): string | null {
    return this.#long.problem ?? this.#recent.problem
  }

  get lostBeforeMs(): number | null {
    return this.#long.canAnswer ? this.#long.lostBeforeMs : this.#recent.lostBeforeMs
  }

  get gaps(): readonly Range[] {
    return this.#long.gaps
  }

  get heardSinceMs(): number | null {
    const [recent, long] = [this.#recent.heardSinceMs, this.#long.canAnswer ? this.#long.heardSinceMs : null]
    return recent === null || long === null ? (recent ?? long) : Math.min(recent, long)
  }

  lastCompleteSlotEndMs(nowMs: number): number | null {
    return this.#recent.lastCompleteSlotEndMs(nowMs)
  }

  retained(nowMs: number): Range {
    return (this.#long.canAnswer ? this.#long : this.#recent).retained(nowMs)
  }

  stats(): StoreStats {
    const [recent, long] = [this.#recent.stats(), this.#long.stats()]
    return {
      ...recent,
      droppedDeltas: (this.#long.canAnswer ? long : recent).droppedDeltas,
    }
  }

  async close(): Promise<void> {
    await this.#recent.close()
    await this.#long.close()
  }

  /** Whether the recent store was told of all that the question is about, and still keeps it. */
  #isRecent({ range, stepSeconds = 0 }: Question): boolean {
    if (this.#recentFromMs === null) return false
    const stepMs = Math.max(1, Math.ceil((stepSeconds * 1_000) / recentSlotMs)) * recentSlotMs
    const startMs = slotStartMs(range.startMs, stepMs)
    const keptFromMs = Math.max(
      this.#recent.retained(this.#newestMs).startMs,
      this.#recent.lostBeforeMs ?? Number.NEGATIVE_INFINITY,
    )
    return startMs >= Math.max(this.#recentFromMs, keptFromMs)
  }
}
