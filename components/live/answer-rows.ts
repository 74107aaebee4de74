import type { QuestionState } from './use-question.ts'

/** The newest answer there is to draw; `null` while there is none. */
export function answerIn<A>(question: QuestionState<A>): A | null {
  return question.state === 'loading' || question.state === 'failed' ? null : question.answer
}

/** The rows of the newest answer; `null` while there is none. */
export function rowsIn<Row>(
  question: QuestionState<{ readonly rows: readonly Row[] }>,
): readonly Row[] | null {
  return answerIn(question)?.rows ?? null
}

/** Whether what is drawn is not what was asked for: of a time before, or from before the connection was lost. */
export function isOld(question: QuestionState<unknown>): boolean {
  return question.state === 'stale' || question.state === 'changing'
}
