/** Bodies by name, and what goes with them; the longest unused leave when they are larger than `mostBytes` together. */
export class RecentBodies<T extends { readonly bytes: Buffer }> {
  readonly #mostBytes: number
  readonly #bodies = new Map<string, T>()
  #sizeBytes = 0

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes
  }

  get(name: string): T | undefined {
    const known = this.#bodies.get(name)
    if (known === undefined) return undefined
    this.#bodies.delete(name)
    this.#bodies.set(name, known)
    return known
  }

  /** Keeps it, and gives it back. */
  set(name: string, body: T): T {
    this.#sizeBytes += body.bytes.length - (this.#bodies.get(name)?.bytes.length ?? 0)
    this.#bodies.delete(name)
    this.#bodies.set(name, body)
    for (const [oldName, old] of this.#bodies) {
      if (this.#sizeBytes <= this.#mostBytes) break
      this.#bodies.delete(oldName)
      this.#sizeBytes -= old.bytes.length
    }
    return body
  }
}
