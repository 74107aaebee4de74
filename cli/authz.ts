import { askOne, resourceParams } from './ask.ts'
import { authzLines, authzTable } from './authz-table.ts'
import { type Command, UsageError } from './command.ts'
import { apiOptions, apiOptionsHelp, readOptions, readOutput } from './options.ts'
import { readWorkloads } from './read-workloads.ts'
import { timeOptions, timeOptionsHelp } from './time-options.ts'

const options = { ...apiOptions, ...timeOptions } as const

const help = `Print what came in to a resource by each authorization, and what was refused.

Usage: meshscope authz [flags] RESOURCE

RESOURCE is TYPE or TYPE/NAME. UNAUTHORIZED is what was refused per second on the route of the server, whatever the
authorization it stands beside.

Examples:
  meshscope authz deploy/payments -n payments
  meshscope authz ns/shop -t 10m

Flags:
${apiOptionsHelp}
${timeOptionsHelp}
`

/** The authorizations of a resource, as Linkerd prints them, or as JSON. */
export const authzCommand: Command = {
  name: 'authz',
  summary: 'requests by the authorization that let them in',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    if (words.length === 0)
      throw new UsageError('authz: expected one resource, such as deploy/web, and got 0')
    const question = resourceParams(readWorkloads('authz', words), values, terminal.env)
    const { rows } = await askOne('policies', question, values, terminal)
    const lines = authzLines(rows)
    if (output === 'json') {
      const printed = lines.map(({ authorization, golden, route, server, unauthorized }) => ({
        route,
        server,
        authorization,
        unauthorized,
        success: golden?.successRate ?? null,
        rps: golden?.rps ?? null,
        latency_ms_p50: golden?.latencyMs.p50 ?? null,
        latency_ms_p95: golden?.latencyMs.p95 ?? null,
        latency_ms_p99: golden?.latencyMs.p99 ?? null,
      }))
      return terminal.print(`${JSON.stringify(printed, null, 2)}\n`)
    }
    if (lines.length === 0) return terminal.complain('No authorizations found.')
    terminal.print(authzTable(lines))
  },
}
