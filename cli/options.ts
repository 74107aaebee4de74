import { parseArgs } from 'node:util'
import { UsageError } from './command.ts'

interface OptionShape {
  readonly type: 'string' | 'boolean'
  readonly short?: string
}

export type OptionValues<O extends Readonly<Record<string, OptionShape>>> = {
  readonly [N in keyof O]?: O[N]['type'] extends 'string' ? string : boolean
}

/** What all commands that ask the API understand. */
export const apiOptions = {
  'api-addr': { type: 'string' },
  namespace: { type: 'string', short: 'n' },
  'all-namespaces': { type: 'boolean', short: 'A' },
  output: { type: 'string', short: 'o' },
} as const satisfies Readonly<Record<string, OptionShape>>

/** How `apiOptions` are explained. */
export const apiOptionsHelp = `  -A, --all-namespaces          every namespace
      --api-addr address        the server, host:port or a URL (default MESHSCOPE_API or http://127.0.0.1:8084)
  -h, --help                    this text
  -n, --namespace name          the namespace (default MESHSCOPE_NAMESPACE or "default")
  -o, --output format           table, wide or json (default table)`

/** The options and the other arguments of a command line. Throws `UsageError` for what is not known. */
export function readOptions<O extends Readonly<Record<string, OptionShape>>>(
  args: readonly string[],
  options: O,
): { readonly values: OptionValues<O>; readonly words: readonly string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    return { values: values as OptionValues<O>, words: positionals }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new UsageError(message.split('. ')[0] ?? message, { cause })
  }
}

export type OutputFormat = 'table' | 'wide' | 'json'

/** The format that `-o` names; `table` without one. */
export function readOutput(text: string | undefined): OutputFormat {
  switch (text) {
    case undefined:
      return 'table'
    case 'table':
    case 'wide':
    case 'json':
      return text
    default:
      throw new UsageError(`--output: expected table, wide or json, and got ${JSON.stringify(text)}`)
  }
}

/** The address of the server to ask: the one given, or the usual one. */
export function readApiAddress(
  values: { readonly 'api-addr'?: string },
  env: Readonly<Record<string, string | undefined>>,
): string {
  return values['api-addr'] ?? (env.MESHSCOPE_API || 'http://127.0.0.1:8084')
}

/** The namespace a question is about: `_all`, the one given, or the usual one. */
export function readNamespace(
  values: { readonly namespace?: string; readonly 'all-namespaces'?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (values['all-namespaces'] === true) {
    if (values.namespace !== undefined) {
      throw new UsageError('--all-namespaces and --namespace exclude each other, expected one of them')
    }
    return '_all'
  }
  return values.namespace ?? (env.MESHSCOPE_NAMESPACE || 'default')
}
