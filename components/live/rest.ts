import type { LiveTopic } from '#lib/api/live.ts'
import { basePath } from './base-path.ts'
import { takeEarly } from './early-question.tsx'
import { type Failure, QuestionError } from './failure.ts'
import { type Answers, type Question, questionPath } from './question.ts'

/** An answer, and how far the server's clock is ahead of ours; `null` when it did not tell the time. */
export interface RestAnswer<A> {
  readonly answer: A
  readonly serverAheadMs: number | null
}

/**
 * The server's answer to `question`. It is not checked against a schema: server and page are one build, and
 * schemas would delay the first paint. Throws a `QuestionError` for everything else.
 */
export async function askRest<T extends LiveTopic>(
  question: Question<T>,
  signal: AbortSignal,
): Promise<RestAnswer<Answers[T]>> {
  const path = questionPath(question)
  const early = takeEarly(path)
  let response: Response
  try {
    response = await (early?.response ??
      fetch(`${basePath}${path}`, { headers: { accept: 'application/json' }, signal }))
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new QuestionError(
      {
        code: 'UNREACHABLE',
        message: 'The meshscope server does not answer',
        hint: 'Check that it is running and that this address still leads to it',
      },
      { cause },
    )
  }
  const body: unknown = await (early?.body ?? response.json().catch(() => null))
  if (!response.ok) throw new QuestionError(failureIn(body) ?? statusFailure(response))
  if (typeof body !== 'object' || body === null || !('coverage' in body)) {
    throw new QuestionError(statusFailure(response))
  }
  const told = Date.parse(response.headers.get('date') ?? '')
  return { answer: body as Answers[T], serverAheadMs: Number.isNaN(told) ? null : told - Date.now() }
}

function failureIn(body: unknown): Failure | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null
  const { error } = body
  if (typeof error !== 'object' || error === null) return null
  const text = (name: string): string => {
    const value: unknown = Reflect.get(error, name)
    return typeof value === 'string' ? value : ''
  }
  return { code: text('code'), message: text('message'), hint: text('hint') }
}

function statusFailure(response: Response): Failure {
  return {
    code: `HTTP_${response.status}`,
    message:
      `The server answered ${response.status} ${response.statusText}, expected an answer in JSON`.trim(),
    hint: 'Something between this page and meshscope may be answering in its place',
  }
}
