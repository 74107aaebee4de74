import { parseResource, parseResources, type ResourceQuery } from '#lib/resources/parse-resource.ts'
import type { Answer } from './api-client.ts'
import { ask, type Params, resourceParams } from './ask.ts'
import { type Command, UsageError } from './command.ts'
import { apiOptions, apiOptionsHelp, type OptionValues, readOptions, readOutput } from './options.ts'
import { statJson } from './stat-json.ts'
import { sentNote, statTable } from './stat-table.ts'
import { timeOptions, timeOptionsHelp } from './time-options.ts'

/** What `all` stands for. */
const allKinds = [
  'daemonset',
  'statefulset',
  'job',
  'deployment',
  'replicationcontroller',
  'pod',
  'service',
  'cronjob',
  'replicaset',
] as const

const options = {
  ...apiOptions,
  ...timeOptions,
  to: { type: 'string' },
  'to-namespace': { type: 'string' },
  from: { type: 'string' },
  'from-namespace': { type: 'string' },
  selector: { type: 'string', short: 'l' },
  unmeshed: { type: 'boolean' },
} as const

const help = `Print requests, success rate and latency of resources.

Usage: meshscope stat [flags] (RESOURCES)

RESOURCES is TYPE, TYPE,TYPE, TYPE/NAME, TYPE NAME..., TYPE/NAME TYPE/NAME... or all. Types are deploy, sts, ds, job,
cj, rs, rc, po, svc, ns, workload (every kind that runs pods) and mesh, in short, full or plural form. Numbers are of
what was received; a workload or pod that only sends has those of what it sent, and a note on stderr says which.

Examples:
  meshscope stat deploy -n shop              the deployments of shop
  meshscope stat workload -A --unmeshed      every workload, those without a proxy included
  meshscope stat deploy/web --to svc/users   what web sent to users
  meshscope stat ns -t 10m -o json           every namespace over ten minutes, for a program

Flags:
${apiOptionsHelp}
      --from resource           what resource sent to the ones asked for; not with --to
      --from-namespace name     where --from is (default: the same namespace)
  -l, --selector selector       only instances with these labels: a=b,c!=d,e in (x,y)
${timeOptionsHelp}
      --to resource             what the resources asked for sent to resource; not with --from
      --to-namespace name       where --to is (default: the same namespace)
      --unmeshed                resources without a proxy, too
`

/** Golden metrics of resources, as a table or as JSON. */
export const statCommand: Command = {
  name: 'stat',
  summary: 'requests, success rate and latency of resources',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    const resources = readResources(words)
    const peer = readPeer(values)
    const questions = resources.map(one => ({ ...resourceParams(one, values, terminal.env), ...peer }))
    const answers = await ask('golden', questions, values, terminal)
    const isShown = ({ resource, meshed }: Answer<'golden'>['rows'][number]): boolean =>
      values.unmeshed === true || meshed.running > 0 || resource.kind === 'service'
    const kinds = [...new Set(resources.map(resource => resource.kind))]
    const groups = kinds
      .map(kind => answers.filter((_, index) => resources[index]?.kind === kind))
      .map(ofKind => ofKind.flatMap(answer => answer.rows).filter(isShown))
      .filter(rows => rows.length > 0)
    if (output === 'json') return terminal.print(statJson(groups.flat()))
    if (groups.length === 0) return terminal.complain('No traffic found.')
    const note = sentNote(groups.flat())
    if (note !== null) terminal.complain(`Note: ${note}`)
    const shape = {
      wide: output === 'wide',
      withNamespace: values['all-namespaces'] === true,
      withKind: kinds.length > 1 || kinds.includes('workload'),
    }
    terminal.print(groups.map(rows => statTable(rows, shape)).join('\n'))
  },
}

function readResources(words: readonly string[]): readonly ResourceQuery[] {
  if (words.includes('all')) {
    if (words.length > 1) throw new UsageError("'all' can't be supplied alongside other resources")
    return allKinds.map(kind => ({ kind, name: null }))
  }
  const [only = ''] = words
  const types = words.length === 1 && only.includes(',') ? only.split(',') : null
  const parsed = types === null ? parseResources(words) : parseTypes(types)
  if (!parsed.ok) throw new UsageError(`stat: ${parsed.problem}`)
  return parsed.value
}

function parseTypes(types: readonly string[]): ReturnType<typeof parseResources> {
  const kinds: ResourceQuery[] = []
  for (const type of types) {
    const parsed = parseResource(type)
    if (!parsed.ok) return parsed
    kinds.push(parsed.value)
  }
  return { ok: true, value: kinds }
}

/** What the resources asked for sent to, or were sent by, and which of their instances count. */
function readPeer(values: OptionValues<typeof options>): Params {
  if (values.to !== undefined && values.from !== undefined) {
    throw new UsageError('--to and --from exclude each other, expected one of them')
  }
  for (const side of ['to', 'from'] as const) {
    const text = values[side]
    if (text === undefined) {
      if (values[`${side}-namespace`] === undefined) continue
      throw new UsageError(`--${side}-namespace: expected --${side} with it`)
    }
    const peer = parseResource(text)
    if (!peer.ok) throw new UsageError(`--${side}: ${peer.problem}`)
    if (side === 'from' && peer.value.kind === 'service') {
      throw new UsageError('--from: expected something that sends requests, and a service only receives them')
    }
  }
  return {
    to: values.to,
    toNamespace: values['to-namespace'],
    from: values.from,
    fromNamespace: values['from-namespace'],
    selector: values.selector,
  }
}
