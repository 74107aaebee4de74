import type { PoliciesAnswer } from '#lib/api/policies.ts'
import { createApiClient } from './api-client.ts'
import { type Terminal, UsageError } from './command.ts'
import { coverageWarnings } from './coverage.ts'
import { isNamespaced } from './kind-names.ts'
import { apiOptions, defaultApiAddress, type OptionValues, readNamespace } from './options.ts'
import { readWorkloads } from './read-workloads.ts'
import { readTime, timeOptions } from './time-options.ts'

export const policiesOptions = { ...apiOptions, ...timeOptions } as const

/** The ports of what a command line names; says on the way what their numbers lack. */
export async function askPolicies(
  command: string,
  words: readonly string[],
  values: OptionValues<typeof policiesOptions>,
  terminal: Terminal,
): Promise<PoliciesAnswer> {
  const { kind, name } = readWorkloads(command, words)
  const namespace = isNamespaced(kind) ? readNamespace(values, terminal.env) : undefined
  if (namespace === '_all' && name !== null) {
    throw new UsageError('--all-namespaces: expected a type without a name, a name is of one namespace')
  }
  const client = createApiClient(values['api-addr'] ?? (terminal.env.MESHSCOPE_API || defaultApiAddress))
  const answer = await client.ask('policies', {
    resource: name === null ? kind : `${kind}/${name}`,
    namespace,
    ...readTime(values),
  })
  for (const warning of coverageWarnings([answer.coverage])) terminal.complain(warning)
  if (answer.note !== undefined) terminal.complain(`Note: ${answer.note}`)
  return answer
}
