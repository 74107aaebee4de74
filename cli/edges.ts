import { type EdgeFilter, edgeFilters, passesFilter } from '#lib/api/edge-filter.ts'
import type { Edge } from '#lib/api/edges.ts'
import { parseResource, type ResourceQuery } from '#lib/resources/parse-resource.ts'
import { askOne, resourceParams } from './ask.ts'
import { type Command, UsageError } from './command.ts'
import { edgeLines, edgesTable } from './edges-table.ts'
import { apiOptions, apiOptionsHelp, readOptions, readOutput } from './options.ts'
import { timeOptions, timeOptionsHelp } from './time-options.ts'

const options = { ...apiOptions, ...timeOptions, only: { type: 'string' } } as const

const help = `Print who talks to whom, with which identities, and whether mutual TLS secures it.

Usage: meshscope edges [flags] (RESOURCE)

RESOURCE is TYPE or TYPE/NAME. Types are deploy, sts, ds, job, cj, rs, rc, po, ns and workload, in short, full or
plural form. An edge is listed when either end is of that type and in the namespace asked for; with a name, when either
end is that one. SECURED is √ only when everything on the edge was encrypted and its peer was the one expected;
otherwise it says why not. With -o wide each edge has its identities and golden metrics, and how many of its requests
policy refused.

Examples:
  meshscope edges deploy -n shop              edges of the deployments in shop
  meshscope edges deploy/web -n shop -o wide  who calls web and whom it calls, with numbers
  meshscope edges workload -A --only denied   every edge on which policy refused something

Flags:
${apiOptionsHelp}
      --only filter             not-mtls: not wholly secured; denied: policy refused requests; failing: over 5 % of
                                what policy let in failed
${timeOptionsHelp}
`

/** The edges of a resource or of all of a kind, as a table or as JSON. */
export const edgesCommand: Command = {
  name: 'edges',
  summary: 'who talks to whom, and how it is secured',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    const resource = readResource(words)
    const only = readOnly(values.only)
    const question = resourceParams(resource, values, terminal.env)
    const answer = await askOne('edges', question, values, terminal)
    const lines = edgeLines(answer.rows.filter(edge => passesFilter(edge, only)).toSorted(byEnds))
    if (output === 'json') return terminal.print(`${JSON.stringify(lines.map(jsonOf), null, 2)}\n`)
    if (lines.length === 0) return terminal.complain('No edges found.')
    terminal.print(edgesTable(lines, output === 'wide', terminal.colours))
  },
}

function readResource(words: readonly string[]): ResourceQuery {
  const [word, ...others] = words
  if (word === undefined || others.length > 0) {
    throw new UsageError(
      `edges: expected one resource, such as deploy or deploy/web, and got ${words.length}`,
    )
  }
  const parsed = parseResource(word)
  if (!parsed.ok) throw new UsageError(`edges: ${parsed.problem}`)
  if (parsed.value.kind === 'service' || parsed.value.kind === 'mesh') {
    throw new UsageError(
      `edges: expected a type that sends and receives itself, and got ${JSON.stringify(word)}`,
    )
  }
  return parsed.value
}

function readOnly(text: string | undefined): EdgeFilter {
  if (text === undefined) return 'all'
  const only = edgeFilters.find(filter => filter === text)
  if (only !== undefined) return only
  throw new UsageError(`--only: expected ${edgeFilters.join(', ')}, and got ${JSON.stringify(text)}`)
}

function byEnds(a: Edge, b: Edge): number {
  const order = ({ source, destination }: Edge): string =>
    [source.namespace, destination.namespace, source.name, destination.name].join('\n')
  const [left, right] = [order(a), order(b)]
  return left < right ? -1 : left > right ? 1 : 0
}

function jsonOf(line: ReturnType<typeof edgeLines>[number]): object {
  return {
    src: line.src,
    src_namespace: line.srcNamespace,
    dst: line.dst,
    dst_namespace: line.dstNamespace,
    client_id: line.clientId,
    server_id: line.serverId,
    no_tls_reason: line.reason,
    success: line.golden.successRate,
    rps: line.golden.rps,
    latency_ms_p50: line.golden.latencyMs.p50,
    latency_ms_p95: line.golden.latencyMs.p95,
    latency_ms_p99: line.golden.latencyMs.p99,
    denied: line.denied,
  }
}
