/** What was opened, to be closed in the opposite order. */
export class Closing {
  readonly #closers: (() => Promise<void> | void)[] = []
  #closed: Promise<void> | null = null

  /** Keeps something to close and gives it back. */
  add<T extends { close(): Promise<void> | void }>(opened: T): T {
    this.#closers.push(() => opened.close())
    return opened
  }

  /** Closes everything, the newest first, even when one fails. Rejects with the first failure. Safe twice. */
  close(): Promise<void> {
    this.#closed ??= this.#closeAll()
    return this.#closed
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.reverse()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
