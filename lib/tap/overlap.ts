/**
 * Two streams of one proxy that follow each other, and for a while tell the same requests: the newer is opened before
 * the older has told all it may, so that none is missed between them. Says of each request that is told whether the
 * other stream has told it already.
 */
export class Overlap {
  /** How many times more often the older stream told a request than the newer one. */
  readonly #balance = new Map<string, number>()

  /** Whether what the older stream tells now was told by the newer. */
  isKnownFromNewer(key: string): boolean {
    const balance = this.#balance.get(key) ?? 0
    this.#set(key, balance + 1)
    return balance < 0
  }

  /** Whether what the newer stream tells now was told by the older. */
  isKnownFromOlder(key: string): boolean {
    const balance = this.#balance.get(key) ?? 0
    this.#set(key, balance - 1)
    return balance > 0
  }

  #set(key: string, balance: number): void {
    if (balance === 0) this.#balance.delete(key)
    else this.#balance.set(key, balance)
  }
}
