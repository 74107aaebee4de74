import type * as z from 'zod/mini'
import { endpoints, type Topic } from '#lib/api/endpoints.ts'
import { QuestionError } from './question-error.ts'

export type QueryOf<T extends Topic> = z.infer<(typeof endpoints)[T]['query']>
export type AnswerOf<T extends Topic> = z.infer<(typeof endpoints)[T]['answer']>

/** A topic's question from text parameters; empty ones count as absent. Throws a QuestionError that lists what is allowed. */
export function readQuery<T extends Topic>(topic: T, params: Readonly<Record<string, string>>): QueryOf<T> {
  const schema: z.ZodMiniType = endpoints[topic].query
  const allowed = Object.keys(endpoints[topic].query.shape)
  const given = Object.fromEntries(Object.entries(params).filter(([, value]) => value !== ''))
  const unknown = Object.keys(given).find(name => !allowed.includes(name))
  if (unknown !== undefined) throw bad(`Unknown parameter ${JSON.stringify(unknown)}`, allowed)
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data as QueryOf<T>
  const [issue] = parsed.error.issues
  const name = String(issue?.path[0] ?? '')
  if (given[name] === undefined) throw bad(`Missing parameter ${name}`, allowed)
  const expected = issue?.code === 'invalid_value' ? issue.values.join(', ') : 'text'
  throw bad(`Cannot read ${name}: expected ${expected}, got ${JSON.stringify(given[name])}`, allowed)
}

function bad(message: string, allowed: readonly string[]): QuestionError {
  return new QuestionError('BAD_PARAMETER', message, `Parameters are ${allowed.join(', ')}`)
}
