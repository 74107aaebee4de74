import type { ErrorCode } from '#lib/api/error-codes.ts'

/** A question that has no answer, and what to ask instead. */
export class QuestionError extends Error {
  readonly code: ErrorCode
  readonly hint: string

  constructor(code: ErrorCode, message: string, hint: string) {
    super(message)
    this.name = 'QuestionError'
    this.code = code
    this.hint = hint
  }
}
