export interface SeriesBudgetOptions {
  /** Series that one target may have. Default 100,000. */
  readonly perTarget?: number
  /** Series of all targets together. Default 1,500,000, some 700 MB. */
  readonly total?: number
}

/**
 * How many series targets may have. One whose series explode is held to its own bound, and then to what the others leave;
 * an equal part of the total is always left for each, so that together they may have twice the total at most.
 */
export class SeriesBudget {
  readonly perTarget: number
  readonly total: number
  readonly #shares = new Set<SeriesShare>()
  #used = 0

  constructor({ perTarget = 100_000, total = 1_500_000 }: SeriesBudgetOptions = {}) {
    this.perTarget = perTarget
    this.total = total
  }

  /** Series of all targets. */
  get used(): number {
    return this.#used
  }

  /** What one more target may have, until it is closed. */
  open(): SeriesShare {
    const share: SeriesShare = new SeriesShare(
      of => this.#mostOf(of),
      count => {
        this.#used += count
      },
      () => this.#shares.delete(share),
    )
    this.#shares.add(share)
    return share
  }

  #mostOf({ used }: SeriesShare): number {
    const left = this.total - (this.#used - used)
    return Math.min(this.perTarget, Math.max(left, Math.floor(this.total / this.#shares.size)))
  }
}

/** One target's part of a budget. */
export class SeriesShare {
  readonly #mostOf: (share: SeriesShare) => number
  readonly #use: (count: number) => void
  readonly #leave: () => void
  #used = 0

  constructor(mostOf: (share: SeriesShare) => number, use: (count: number) => void, leave: () => void) {
    this.#mostOf = mostOf
    this.#use = use
    this.#leave = leave
  }

  get used(): number {
    return this.#used
  }

  /** How many series it may have now. */
  get most(): number {
    return this.#mostOf(this)
  }

  /** It has so many series now. */
  use(count: number): void {
    this.#use(count - this.#used)
    this.#used = count
  }

  /** Its series are gone. Safe twice. */
  close(): void {
    this.use(0)
    this.#leave()
  }
}
