import type { CountRequests } from './tap.ts'

type Asked = Omit<Parameters<CountRequests>[0], 'startMs'>

/** Why proxies were not watched for a while: they had more to tell than they were asked for, or lost too much of it. */
export type UnwatchedCause = 'limit' | 'proxyBuffer'

/** Two minutes of them: proxies are scraped and read within that. */
const maxNotes = 1_200

/** Scrapes end a little before or after what is heard of then: only what as many readings say is believed. */
const steadyReadings = 3

/**
 * How many requests the counters of the tapped proxies rose by while it ran, to be compared with those it heard of. Its
 * first reading says only from when on: what a counter rose by then may be older than the tap.
 */
export class CountedRequests {
  readonly #count: CountRequests
  #state: 'waiting' | 'counting' = 'waiting'
  #startMs: number
  /** Since counting began. */
  #requests = 0
  /** Heard of before counting began. */
  #heardBefore = 0
  /** How many had been heard of at a time, the oldest first. */
  readonly #notes: { readonly atMs: number; readonly heardOf: number }[] = []
  #isAsking = false
  /** What was used up last; `null` while proxies were watched all the time. Its losses may come to be known later. */
  #usedUp: { readonly cause: UnwatchedCause } | null = null
  readonly #unseen = { limit: 0, proxyBuffer: 0 }
  /** The newest differences between what was counted and what was heard of. */
  #differences: readonly number[] = []

  constructor(count: CountRequests, startMs: number) {
    this.#count = count
    this.#startMs = startMs
  }

  /** With those heard of before counting began; `null` while it has not. */
  get requests(): number | null {
    return this.#state === 'waiting' ? null : this.#heardBefore + this.#requests
  }

  /** Whether proxies were not watched for a while, so that some of what they had to tell was not heard of. */
  get wasUnwatched(): boolean {
    return this.#usedUp !== null
  }

  /** How many were counted and not heard of because proxies were not watched, by the newest cause; none ever falls. */
  get unseen(): Readonly<Record<UnwatchedCause, number>> {
    return this.#unseen
  }

  noteUnwatched(usedUp: { readonly cause: UnwatchedCause }): void {
    this.#usedUp = usedUp
  }

  noteHeard(atMs: number, heardOf: number): void {
    this.#notes.push({ atMs, heardOf })
    if (this.#notes.length > maxNotes) this.#notes.shift()
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
    this.#startMs = answer.endMs
    const heardOf = this.#notes.findLast(({ atMs }) => atMs <= answer.endMs)?.heardOf ?? 0
    if (this.#state === 'waiting') {
      this.#state = 'counting'
      this.#heardBefore = heardOf
      return
    }
    this.#requests += answer.requests
    const difference = this.#requests - (heardOf - this.#heardBefore)
    this.#differences = [...this.#differences.slice(1 - steadyReadings), difference]
    if (this.#usedUp === null || this.#differences.length < steadyReadings) return
    const known = this.#unseen.limit + this.#unseen.proxyBuffer
    this.#unseen[this.#usedUp.cause] += Math.max(0, Math.min(...this.#differences) - known)
  }
}
