import type { CountRequests } from './tap.ts'

type Asked = Omit<Parameters<CountRequests>[0], 'startMs'>

/** How many requests the counters of the tapped proxies rose by since the tap began, as far as they have been read. */
export class CountedRequests {
  readonly #count: CountRequests
  #startMs: number
  #requests: number | null = null
  #isAsking = false
  #wasUnwatched = false
  #unseen = 0

  constructor(count: CountRequests, startMs: number) {
    this.#count = count
    this.#startMs = startMs
  }

  /** `null` before anything was read. */
  get requests(): number | null {
    return this.#requests
  }

  /** Whether proxies had more to tell than they were asked for, so that some of it was not heard of. */
  get wasUnwatched(): boolean {
    return this.#wasUnwatched
  }

  noteUnwatched(): void {
    this.#wasUnwatched = true
  }

  /** How many were counted and not heard of, while proxies had more to tell than they were asked for; never falls. */
  unseen(heardOf: number): number {
    if (this.#wasUnwatched) this.#unseen = Math.max(this.#unseen, (this.#requests ?? 0) - heardOf)
    return this.#unseen
  }

  /** Reads on from where it last ended; asked again meanwhile, it does nothing. */
  ask(asked: Asked): void {
    if (this.#isAsking) return
    this.#isAsking = true
    void this.#read(asked).finally(() => {
      this.#isAsking = false
    })
  }

  async #read(asked: Asked): Promise<void> {
    const answer = await this.#count({ ...asked, startMs: this.#startMs }).catch(() => null)
    if (answer === null) return
    this.#requests = (this.#requests ?? 0) + answer.requests
    this.#startMs = answer.endMs
  }
}
