/** Why there is no answer, in the words of the server where it has any: a code, what happened, what to do. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** A question that failed, thrown where react-query expects a rejection. */
export class QuestionError extends Error {
  readonly failure: Failure

  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.name = 'QuestionError'
    this.failure = failure
  }

  /** The failure within any thrown value; what is not a `QuestionError` becomes `UNEXPECTED`. */
  static failureOf(thrown: unknown): Failure {
    if (thrown instanceof QuestionError) return thrown.failure
    return {
      code: 'UNEXPECTED',
      message: thrown instanceof Error ? thrown.message : String(thrown),
      hint: 'Reload the page; if it stays, the browser console says more',
    }
  }
}
