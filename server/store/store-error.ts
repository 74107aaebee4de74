/** Why a store cannot give its numbers at present, and what helps. */
export class StoreError extends Error {
  readonly code = 'STORE_UNAVAILABLE'
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
    this.hint = hint
  }
}
