import type { CheckRow, ChecksAnswer } from '#lib/api/checks.ts'
import { createApiClient } from './api-client.ts'
import { type Command, FailedChecks, UsageError } from './command.ts'
import { readApiAddress, readOptions, readOutput } from './options.ts'

const options = {
  'api-addr': { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

const help = `Print whether what the server answers can be trusted, what it found, and what helps.

Usage: meshscope check [flags]

It exits with 1 when something fails. -o wide adds the server's own numbers.

Examples:
  meshscope check
  meshscope check -o json

Flags:
      --api-addr address        the server, host:port or a URL (default MESHSCOPE_API or http://127.0.0.1:8084)
  -h, --help                    this text
  -o, --output format           table, wide or json (default table)
`

const marks = { ok: '√', warn: '‼', fail: '×', unknown: '?' } as const

/** What the server finds of proxies, numbers and itself. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'whether the numbers can be trusted, and what helps where not',
  help,
  async run(args, terminal) {
    const { values, words } = readOptions(args, options)
    const output = readOutput(values.output)
    if (words.length > 0) throw new UsageError(`check: expected no argument, and got ${words.length}`)
    const answer = await createApiClient(readApiAddress(values, terminal.env)).ask('checks', {})
    terminal.print(output === 'json' ? jsonText(answer) : checksText(answer, output === 'wide'))
    if (answer.rows.some(({ state }) => state === 'fail')) throw new FailedChecks()
  },
}

function jsonText({ rows, numbers }: ChecksAnswer): string {
  return `${JSON.stringify({ rows, numbers }, null, 2)}\n`
}

function checksText({ rows, numbers }: ChecksAnswer, withNumbers: boolean): string {
  const areas = [...new Set(rows.map(({ area }) => area))]
  const parts = areas.map(area => [
    area,
    '-'.repeat(area.length),
    ...rows.filter(row => row.area === area).flatMap(rowLines),
    '',
  ])
  const groups = withNumbers ? [...new Set(numbers.map(({ group }) => group))] : []
  const numberParts = groups.map(group => [
    group,
    '-'.repeat(group.length),
    ...numbers
      .filter(number => number.group === group)
      .map(
        ({ title, value, unit }) => `${title}: ${value === null ? '-' : `${value} ${units[unit]}`.trim()}`,
      ),
    '',
  ])
  return `${[...parts, ...numberParts].flat().join('\n')}\nStatus check results are ${marks[worst(rows)]}\n`
}

const units = { count: '', perSecond: '/s', seconds: 's', bytes: 'bytes', ratio: 'of 1' } as const

function rowLines({ title, state, finding, hint }: CheckRow): string[] {
  return [`${marks[state]} ${title}`, `    ${finding}`, ...(hint === null ? [] : [`    → ${hint}`])]
}

function worst(rows: readonly CheckRow[]): CheckRow['state'] {
  return (['fail', 'warn'] as const).find(state => rows.some(row => row.state === state)) ?? 'ok'
}
