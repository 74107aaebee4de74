import { parseResource, type ResourceQuery } from '#lib/resources/parse-resource.ts'
import { UsageError } from './command.ts'

/** The workloads that a command's one word names; all of them without a word. Throws `UsageError` for anything else. */
export function readWorkloads(command: string, words: readonly string[]): ResourceQuery {
  const [word, ...others] = words
  if (word === undefined) return { kind: 'workload', name: null }
  if (others.length > 0) {
    throw new UsageError(
      `${command}: expected one resource, such as deploy or deploy/web, and got ${words.length}`,
    )
  }
  const parsed = parseResource(word)
  if (!parsed.ok) throw new UsageError(`${command}: ${parsed.problem}`)
  if (parsed.value.kind !== 'service' && parsed.value.kind !== 'mesh') return parsed.value
  throw new UsageError(`${command}: expected a type that receives itself, and got ${JSON.stringify(word)}`)
}
