/**
 * So many a second, with a second's worth at most saved up. What has to be taken may be taken when there is none: the
 * debt is paid before there is any again.
 */
export class TokenBucket {
  readonly #perSecond: number
  #tokens: number
  #atMs: number

  /** Full at `nowMs`. */
  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#atMs = nowMs
  }

  /** How many there are; negative in debt. */
  available(nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#atMs)
    this.#tokens = Math.min(this.#perSecond, this.#tokens + (elapsedMs * this.#perSecond) / 1_000)
    this.#atMs = Math.max(this.#atMs, nowMs)
    return this.#tokens
  }

  /** Takes one, whether there is one or not. */
  take(nowMs: number): void {
    this.available(nowMs)
    this.#tokens--
  }

  /** Takes one if there is one, and says whether there was. */
  tryTake(nowMs: number): boolean {
    if (this.available(nowMs) < 1) return false
    this.#tokens--
    return true
  }
}
