/** Answers of one round, so that questions which need the same ask once. Bounded: the oldest leave. */
export class Remembered<T> {
  readonly #answers = new Map<string, Promise<T>>()
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** The answer to `id`, asked for when it is not remembered. One that fails is forgotten. */
  get(id: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(id)
    if (known !== undefined) return known
    const answer = ask()
    this.#answers.set(id, answer)
    answer.catch(() => {
      if (this.#answers.get(id) === answer) this.#answers.delete(id)
    })
    const oldest = this.#answers.keys().next()
    if (this.#answers.size > this.#limit && !oldest.done) this.#answers.delete(oldest.value)
    return answer
  }

  clear(): void {
    this.#answers.clear()
  }
}
