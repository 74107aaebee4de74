/** Where a series puts itself to be printed. */
export interface SeriesList {
  /** False when there is no room. */
  add(series: Series): boolean
}

/** The counters of one label set. Counting on an idle one puts it back among those that are printed. */
export abstract class Series {
  /** Labels as they are printed between the braces. */
  readonly labels: string
  /** Whether something was counted since the last sweep. */
  #isUsed = false
  #isListed = false
  #lastUsedMs = 0
  readonly #list: SeriesList

  constructor(labels: string, list: SeriesList) {
    this.labels = labels
    this.#list = list
  }

  /** Called before each count. */
  protected touch(): void {
    if (this.#isUsed) return
    if (!this.#isListed) this.#isListed = this.#list.add(this)
    this.#isUsed = this.#isListed
  }

  /** Whether it is to stay though nothing is counted, as an open connection is. */
  protected isHeld(): boolean {
    return false
  }

  /** Back to nothing counted. */
  protected abstract reset(): void

  /** Whether it was idle for `retainIdleMs` and has left. Called once per rendering. */
  leaves(nowMs: number, retainIdleMs: number): boolean {
    if (this.#isUsed || this.isHeld()) {
      this.#isUsed = false
      this.#lastUsedMs = nowMs
    }
    if (nowMs - this.#lastUsedMs < retainIdleMs) return false
    this.#isListed = false
    this.reset()
    return true
  }
}

/**
 * Series of one kind by their labels. At most `maxSeries` are listed at a time; what is counted on others meanwhile
 * is kept by those who hold them and shows once there is room. A series that left after its idle time starts again
 * from zero if it is used once more.
 */
export class SeriesGroup<T extends Series> implements SeriesList {
  readonly #listed = new Map<string, T>()
  /** Made but not listed: one object per label set for as long as anyone holds it. */
  readonly #unlisted = new Map<string, WeakRef<T>>()
  #purgeAtSize = 64
  readonly #create: (labels: string, list: SeriesList) => T
  readonly #maxSeries: number
  readonly #onFull: () => void

  constructor(
    create: (labels: string, list: SeriesList) => T,
    { maxSeries, onFull }: { maxSeries: number; onFull: () => void },
  ) {
    this.#create = create
    this.#maxSeries = maxSeries
    this.#onFull = onFull
  }

  /** The series of these labels, made when there is none. It is printed from its first count on. */
  bind(labels: string): T {
    const known = this.#listed.get(labels) ?? this.#unlisted.get(labels)?.deref()
    if (known !== undefined) return known
    const made = this.#create(labels, this)
    this.#rememberUnlisted(made)
    return made
  }

  /** Puts a series made by `bind` among the printed ones; false when the group is full. */
  add(series: Series): boolean {
    if (this.#listed.size >= this.#maxSeries) {
      this.#onFull()
      return false
    }
    const own = this.#unlisted.get(series.labels)?.deref()
    if (own !== undefined) this.#listed.set(series.labels, own)
    this.#unlisted.delete(series.labels)
    return own !== undefined
  }

  /** The printed series, oldest first, after those that were idle too long have left. */
  sweep(nowMs: number, retainIdleMs: number): readonly T[] {
    for (const [labels, series] of this.#listed) {
      if (!series.leaves(nowMs, retainIdleMs)) continue
      this.#listed.delete(labels)
      this.#rememberUnlisted(series)
    }
    return [...this.#listed.values()]
  }

  #rememberUnlisted(series: T): void {
    this.#unlisted.set(series.labels, new WeakRef(series))
    if (this.#unlisted.size < this.#purgeAtSize) return
    for (const [labels, ref] of this.#unlisted) if (ref.deref() === undefined) this.#unlisted.delete(labels)
    this.#purgeAtSize = Math.max(64, this.#unlisted.size * 2)
  }
}

/** Gives the printed series of a group, as `SeriesGroup.sweep` does. */
export type Sweep = <T extends Series>(group: SeriesGroup<T>) => readonly T[]
