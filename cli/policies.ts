import { askOne, resourceParams } from './ask.ts'
import type { Command } from './command.ts'
import { apiOptions, apiOptionsHelp, readOptions, readOutput } from './options.ts'
import { policiesTable } from './policies-table.ts'
import { readWorkloads } from './read-workloads.ts'
import { timeOptions, timeOptionsHelp } from './time-options.ts'

const options = { ...apiOptions, ...timeOptions } as const

const help = `Print what policy says of each port, and what came of it.

Usage: meshscope policies [flags] [RESOURCE]

RESOURCE is TYPE or TYPE/NAME, and every workload without one. Each line is a port that one Server, or one default
policy, is about: how many of its pods have a proxy to enforce it, what it let in per second, and what it refused: DENIED
by authorization, LIMITED by a rate limit, NOT_FOUND by any HTTPRoute. With -o wide a second table has who was refused.

Examples:
  meshscope policies -A              every port of the mesh
  meshscope policies -n payments -o wide
  meshscope policies deploy/web -n shop

Flags:
${apiOptionsHelp}
${timeOptionsHelp}
`

/** The ports of the mesh and their policies, as a table or as JSON. */
export const policiesCommand: Command = {
  name: 'policies',
  summary: 'who may use each port, and who was refused',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    const resource = readWorkloads('policies', words)
    const question = resourceParams(resource, values, terminal.env)
    const { rows } = await askOne('policies', question, values, terminal)
    if (output === 'json') return terminal.print(`${JSON.stringify(rows, null, 2)}\n`)
    if (rows.length === 0) return terminal.complain('No ports found.')
    terminal.print(policiesTable(rows, output === 'wide', values['all-namespaces'] === true))
  },
}
