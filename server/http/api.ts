import type { IncomingMessage, ServerResponse } from 'node:http'
import { endpoints, type Topic } from '#lib/api/endpoints.ts'
import type { Golden } from '#server/golden/golden.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import type { Log } from '#server/log.ts'
import { StoreError } from '#server/store/store-error.ts'
import { sendAnswer, sendError } from './respond.ts'

const topicByPath = new Map(
  (Object.keys(endpoints) as Topic[]).map(topic => [endpoints[topic].path as string, topic]),
)

/** The topic that a path asks about; `undefined` for any other path. */
export function topicAt(path: string): Topic | undefined {
  return topicByPath.get(path)
}

/** Answers a question of the API, or says why it has no answer. */
export async function answerQuestion(
  golden: Golden,
  log: Log,
  topic: Topic,
  search: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const twice = [...search.keys()].find((name, i, names) => names.indexOf(name) !== i)
  if (twice !== undefined) {
    await sendError(request, response, {
      code: 'BAD_PARAMETER',
      message: `Cannot read ${twice}: expected it once, got it several times`,
      hint: 'Give each parameter once',
    })
    return
  }
  try {
    await sendAnswer(request, response, await golden.ask(topic, Object.fromEntries(search)))
  } catch (error) {
    if (response.headersSent) throw error
    await sendError(request, response, toApiError(error, topic, log))
  }
}

/** What a client is told of a failed question; unexpected ones are logged, and told without their inside. */
function toApiError(
  error: unknown,
  topic: Topic,
  log: Log,
): Pick<QuestionError, 'code' | 'message' | 'hint'> {
  if (error instanceof QuestionError || error instanceof StoreError) return error
  log.error('question failed', { topic, error: error instanceof Error ? error.stack : String(error) })
  return { code: 'INTERNAL', message: 'The server failed to answer', hint: 'Its log says why' }
}
