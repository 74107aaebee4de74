import type { Answer, Question } from '#server/store/store.ts'

/** Of a large mesh, an answer by workload and peer has some thousands. */
const maxRows = 20_000

/**
 * Answers given lately, of 20,000 rows together; the oldest leave. Numbers of a live window are final, so that all who ask
 * the same within a round of scrapes share one sum.
 */
export class RememberedAnswers {
  readonly #answers = new Map<string, Answer>()
  #rows = 0
  #newestEndMs = Number.NEGATIVE_INFINITY

  find(question: Question): Answer | undefined {
    return this.#answers.get(idOf(question))
  }

  keep(question: Question, answer: Answer): void {
    this.#answers.set(idOf(question), answer)
    this.#rows += answer.rows.length
    this.#newestEndMs = Math.max(this.#newestEndMs, answer.range.endMs)
    for (const [id, { rows }] of this.#answers) {
      if (this.#rows <= maxRows) return
      this.#answers.delete(id)
      this.#rows -= rows.length
    }
  }

  /** Something was counted at this time: answers of ranges that hold it are forgotten. */
  countedAt(atMs: number): void {
    if (atMs >= this.#newestEndMs) return
    this.#newestEndMs = Number.NEGATIVE_INFINITY
    for (const [id, { range, rows }] of this.#answers) {
      if (range.endMs <= atMs) {
        this.#newestEndMs = Math.max(this.#newestEndMs, range.endMs)
        continue
      }
      this.#answers.delete(id)
      this.#rows -= rows.length
    }
  }

  clear(): void {
    this.#answers.clear()
    this.#rows = 0
    this.#newestEndMs = Number.NEGATIVE_INFINITY
  }
}

function idOf({ by, where, range, stepSeconds, withStatuses }: Question): string {
  return JSON.stringify([by, where, range.startMs, range.endMs, stepSeconds, withStatuses])
}
