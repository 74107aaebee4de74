import type { ResourceQuery } from '#lib/resources/parse-resource.ts'
import { type Answer, type ApiClient, createApiClient } from './api-client.ts'
import { type Terminal, UsageError } from './command.ts'
import { coverageWarnings } from './coverage.ts'
import { isNamespaced } from './kind-names.ts'
import { type apiOptions, type OptionValues, readApiAddress, readNamespace } from './options.ts'
import { readTime, type timeOptions } from './time-options.ts'

/** What a command line says of whom it asks, and about which time. */
export type AskValues = OptionValues<typeof apiOptions & typeof timeOptions>

/** What a question is about besides its time; `undefined` is left out. */
export type Params = Readonly<Record<string, string | undefined>>

/** The topics whose answers are counted by proxies, over a time. */
type Counted = 'golden' | 'routes' | 'edges' | 'policies' | 'splits'

const atOnce = 8

/** A client of the server that a command line names. */
export function clientOf(values: AskValues, { env }: Terminal): ApiClient {
  return createApiClient(readApiAddress(values, env))
}

/**
 * The answers to questions about the time that a command line means, in the order of the questions; what has to be said
 * beside their numbers is said. Throws `UsageError` for a time that makes no sense, and `ApiError`.
 */
export async function ask<T extends Counted>(
  topic: T,
  questions: readonly Params[],
  values: AskValues,
  terminal: Terminal,
): Promise<readonly Answer<T>[]> {
  const time = readTime(values)
  const client = clientOf(values, terminal)
  const answers: Answer<T>[] = []
  for (let first = 0; first < questions.length; first += atOnce) {
    const some = questions.slice(first, first + atOnce)
    answers.push(...(await Promise.all(some.map(params => client.ask(topic, { ...params, ...time })))))
  }
  for (const warning of coverageWarnings(answers.map(({ coverage }) => coverage))) terminal.complain(warning)
  for (const note of new Set(answers.map(answer => answer.note))) {
    if (note !== undefined) terminal.complain(`Note: ${note}`)
  }
  return answers
}

/** `ask` for one question. */
export async function askOne<T extends Counted>(
  topic: T,
  question: Params,
  values: AskValues,
  terminal: Terminal,
): Promise<Answer<T>> {
  const [answer] = await ask(topic, [question], values, terminal)
  if (answer === undefined) throw new RangeError(`Asking for ${topic}: expected one answer, got none`)
  return answer
}

/** The resource and the namespace that a question is about. Throws `UsageError` for a name in every namespace. */
export function resourceParams(
  { kind, name }: ResourceQuery,
  values: AskValues,
  env: Terminal['env'],
): { readonly resource: string; readonly namespace: string | undefined } {
  const namespace = isNamespaced(kind) ? readNamespace(values, env) : undefined
  if (namespace === '_all' && name !== null) {
    throw new UsageError('--all-namespaces: expected a type without a name, a name is of one namespace')
  }
  return { resource: name === null ? kind : `${kind}/${name}`, namespace }
}
