/** Why a store cannot give its numbers at present, and what helps. */
export class StoreError extends Error {
  readonly code = 'STORE_UNAVAILABLE'
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.hint = hint
  }

  /** The error itself when it is one; else one that says the same, and that the log says more. */
  static from(error: unknown): StoreError {
    if (error instanceof StoreError) return error
    const message = error instanceof Error ? error.message : String(error)
    return new StoreError(`Cannot read the numbers: ${message}`, 'It is tried again with every round', {
      cause: error,
    })
  }
}
