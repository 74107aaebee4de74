import type { Edge } from '#lib/api/edges.ts'
import { parseKind } from '#lib/resources/kinds.ts'
import { createApiClient } from './api-client.ts'
import { type Command, UsageError } from './command.ts'
import { coverageWarnings } from './coverage.ts'
import { edgeLines, edgesTable } from './edges-table.ts'
import { isNamespaced } from './kind-names.ts'
import {
  apiOptions,
  apiOptionsHelp,
  defaultApiAddress,
  readNamespace,
  readOptions,
  readOutput,
} from './options.ts'
import { readTime, timeOptions, timeOptionsHelp } from './time-options.ts'

const options = { ...apiOptions, ...timeOptions } as const

const help = `Print who talks to whom, with which identities, and whether mutual TLS secures it.

Usage: meshscope edges [flags] (RESOURCETYPE)

RESOURCETYPE is deploy, sts, ds, job, cj, rs, rc, po, ns or workload, in short, full or plural form. An edge is
listed when either end is of that type and in the namespace asked for. SECURED is √ only when everything on the edge
was encrypted and its peer was the one expected; otherwise it says why not.

Examples:
  meshscope edges deploy -n shop         edges of the deployments in shop
  meshscope edges workload -A -o wide    every edge, with the identities at both ends

Flags:
${apiOptionsHelp}
${timeOptionsHelp}
`

/** The edges of a kind of resource, as a table or as JSON. */
export const edgesCommand: Command = {
  name: 'edges',
  summary: 'who talks to whom, and how it is secured',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    const kind = readKind(words)
    const client = createApiClient(values['api-addr'] ?? (terminal.env.MESHSCOPE_API || defaultApiAddress))
    const answer = await client.ask('edges', {
      resource: kind,
      namespace: isNamespaced(kind) ? readNamespace(values, terminal.env) : undefined,
      ...readTime(values),
    })
    for (const warning of coverageWarnings([answer.coverage])) terminal.complain(warning)
    const lines = edgeLines(answer.rows.toSorted(byEnds))
    if (output === 'json') return terminal.print(`${JSON.stringify(lines.map(jsonOf), null, 2)}\n`)
    if (lines.length === 0) return terminal.complain('No edges found.')
    terminal.print(edgesTable(lines, output === 'wide', terminal.colours))
  },
}

function readKind(words: readonly string[]): string {
  const [word, ...others] = words
  if (word === undefined || others.length > 0) {
    throw new UsageError(`edges: expected one resource type, such as deploy, and got ${words.length}`)
  }
  if (word.includes('/')) {
    throw new UsageError(`edges: expected a type without a name, and got ${JSON.stringify(word)}`)
  }
  const kind = parseKind(word)
  if (kind === undefined || kind === 'service' || kind === 'mesh') {
    throw new UsageError(
      `edges: expected a type that sends and receives itself, and got ${JSON.stringify(word)}`,
    )
  }
  return kind
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
  }
}
