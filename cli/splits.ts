import type { SplitRow } from '#lib/api/splits.ts'
import { askOne } from './ask.ts'
import { type Command, UsageError } from './command.ts'
import { latencyText, rateText, ratioText, shown } from './number-text.ts'
import { apiOptions, apiOptionsHelp, readNamespace, readOptions, readOutput } from './options.ts'
import { type TableColumn, tableText } from './table.ts'
import { timeOptions, timeOptionsHelp } from './time-options.ts'

const options = { ...apiOptions, ...timeOptions } as const

const help = `Print how requests are split between services, and how each share of them goes.

Usage: meshscope splits [flags]

Each line is a backend (LEAF) of the service that callers ask for (APEX). WEIGHT is as it is written, ASKED its share of
all weights, and SEEN its share of the requests that callers sent.

Examples:
  meshscope splits -n shop
  meshscope splits -A -t 10m -o json

Flags:
${apiOptionsHelp}
${timeOptionsHelp}
`

/** The backends of every split, as a table or as JSON. */
export const splitsCommand: Command = {
  name: 'splits',
  summary: 'how requests are split between services',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    if (words.length > 0) throw new UsageError(`splits: expected no resource, and got ${words.length}`)
    const namespace = readNamespace(values, terminal.env)
    const { rows } = await askOne('splits', { namespace }, values, terminal)
    if (output === 'json') return terminal.print(`${JSON.stringify(rows, null, 2)}\n`)
    if (rows.length === 0) return terminal.complain('No splits found.')
    terminal.print(splitsTable(rows, namespace === '_all'))
  },
}

function splitsTable(rows: readonly SplitRow[], withNamespace: boolean): string {
  const column = (
    heading: string,
    cell: (row: SplitRow) => string,
    align: 'left' | 'right' = 'right',
  ): TableColumn<SplitRow> => ({ heading, align, cell })
  return tableText(
    [
      ...(withNamespace ? [column('NAMESPACE', row => row.namespace, 'left')] : []),
      column('NAME', row => row.split, 'left'),
      column('APEX', row => row.apex, 'left'),
      column('LEAF', row => row.leaf, 'left'),
      column('WEIGHT', row => String(row.weight)),
      column('ASKED', row => shown(row.asked, ratioText)),
      column('SEEN', row => shown(row.seen, ratioText)),
      column('SUCCESS', ({ golden }) => shown(golden.successRate, ratioText)),
      column('RPS', ({ golden }) => shown(golden.requests === 0 ? null : golden.rps, rateText)),
      column('LATENCY_P50', ({ golden }) => shown(golden.latencyMs.p50, latencyText)),
      column('LATENCY_P95', ({ golden }) => shown(golden.latencyMs.p95, latencyText)),
      column('LATENCY_P99', ({ golden }) => shown(golden.latencyMs.p99, latencyText)),
    ],
    rows,
  )
}
