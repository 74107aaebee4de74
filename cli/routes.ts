import { shortKind } from '#lib/resources/kinds.ts'
import { parseResource, type ResourceQuery } from '#lib/resources/parse-resource.ts'
import type { Answer } from './api-client.ts'
import { type AskValues, ask, clientOf, type Params, resourceParams } from './ask.ts'
import { type Command, type Terminal, UsageError } from './command.ts'
import { isNamespaced } from './kind-names.ts'
import { apiOptions, apiOptionsHelp, readOptions, readOutput } from './options.ts'
import { routesJson, routesTable } from './routes-table.ts'
import { timeOptions, timeOptionsHelp } from './time-options.ts'

const options = {
  ...apiOptions,
  ...timeOptions,
  to: { type: 'string' },
  'to-namespace': { type: 'string' },
} as const

const help = `Print requests, success rate and latency of routes.

Usage: meshscope routes [flags] (RESOURCE)

RESOURCE is TYPE or TYPE/NAME. Routes are those of ServiceProfiles; [DEFAULT] is what matches none of them. Routes of a
service are counted by its callers; with --to, by the resource that calls. With -o wide, what came of requests
(effective) is told from each attempt to answer them (actual), which callers count; and what the profile says of the
route: whether it may be retried, and its timeout.

Examples:
  meshscope routes svc/users -n shop                    routes of users, as all its callers saw them
  meshscope routes svc/users -n shop -o wide            the same, with retries, their attempts and timeouts
  meshscope routes deploy/web --to svc/users -o wide    what web saw of them, retries apart

Flags:
${apiOptionsHelp}
${timeOptionsHelp}
      --to resource             routes of resource, as the one asked for called them
      --to-namespace name       where --to is (default: the same namespace)
`

/** One resource and its routes. */
interface Group {
  readonly resource: { readonly namespace: string; readonly kind: string; readonly name: string }
  readonly answer: Answer<'routes'>
}

/** Golden metrics of routes, as a table for each resource or as JSON. */
export const routesCommand: Command = {
  name: 'routes',
  summary: 'requests, success rate and latency of routes',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    const resource = readResource(words)
    const { namespace } = resourceParams(resource, values, terminal.env)
    const params = {
      to: readTo(values.to, values['to-namespace']),
      toNamespace: values['to-namespace'],
    }
    const asked = await resourcesOf(resource, namespace, values, terminal)
    const questions = asked.map(one => ({ ...questionOf(one), ...params }))
    const answers = await ask('routes', questions, values, terminal)
    const groups = asked.flatMap((one, i): Group[] => {
      const answer = answers[i]
      return answer === undefined ? [] : [{ resource: one, answer }]
    })
    const found = groups.filter(({ answer }) => answer.rows.length > 0)
    const nameOf = ({ resource: { namespace: of, kind, name } }: Group): string =>
      `${namespace === '_all' ? `${of}/` : ''}${shortKind(kind)}/${name}`
    if (output === 'json') {
      const byName = found.map(group => [
        nameOf(group),
        routesJson(group.answer.rows, values.to !== undefined),
      ])
      return terminal.print(`${JSON.stringify(Object.fromEntries(byName), null, 2)}\n`)
    }
    if (found.length === 0) return terminal.complain('No routes found.')
    const tables = found.map(group => {
      const heading = resource.name === null ? `==> ${nameOf(group)} <==\n` : ''
      return heading + routesTable(group.answer.rows, output === 'wide')
    })
    terminal.print(tables.join('\n'))
  },
}

function readResource(words: readonly string[]): ResourceQuery {
  const parsed = parseResource(words.join(' '))
  if (!parsed.ok) throw new UsageError(`routes: ${parsed.problem}`)
  return parsed.value
}

function readTo(to: string | undefined, toNamespace: string | undefined): string | undefined {
  if (to === undefined) {
    if (toNamespace !== undefined) throw new UsageError('--to-namespace: expected --to with it')
    return undefined
  }
  const parsed = parseResource(to)
  if (!parsed.ok) throw new UsageError(`--to: ${parsed.problem}`)
  return to
}

/** The resource itself; of a type, each that is of it. */
async function resourcesOf(
  { kind, name }: ResourceQuery,
  namespace: string | undefined,
  values: AskValues,
  terminal: Terminal,
): Promise<readonly Group['resource'][]> {
  if (name !== null || kind === 'mesh') return [{ namespace: namespace ?? '', kind, name: name ?? '' }]
  const { rows } = await clientOf(values, terminal).ask('golden', { resource: kind, namespace })
  return rows.map(({ resource }) => resource)
}

function questionOf({ namespace, kind, name }: Group['resource']): Params {
  return {
    resource: name === '' ? kind : `${kind}/${name}`,
    namespace: isNamespaced(kind) ? namespace : undefined,
  }
}
