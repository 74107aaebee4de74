import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type Breakable, breakable, breakables } from './trouble.ts'

export const help = `Runs a sample mesh and its dashboard on this machine, until Ctrl-C. A story of four minutes repeats in it:
payments slow down, recommendations-v2 fails, a catalog replica dies, the scraper knocks harder, all is well.

Usage: npm run demo -- [flags]

  --port N          the dashboard's port; without it the first free one from 8084
  --break NAME      breaks ${breakables.join(', ')}: in the demo that runs in another
                    terminal, else in the one that starts now
  --mend NAME       ends that in the demo that runs
  --steady          without the story
  --pace N          the story N times as quick, 1 to 20
  --visits N        visitors of the shop a second, 1 to 200 (default 33)
  --nodes N         a synthetic mesh of N workloads instead, 10 to 2000: numbers without traffic
  --mesh-file FILE  another mesh of the sample apps (default demo/mesh.yaml)
  --data-dir DIR    certificates, tokens and logs (default .meshscope/demo)
  --help            this text`

const root = resolve(import.meta.dirname, '..')
const usualDataDirectory = resolve(root, '.meshscope/demo')

export interface Flags {
  readonly port: string | undefined
  readonly break: Breakable | undefined
  readonly mend: Breakable | undefined
  readonly isSteady: boolean
  /** How many times as quick as written the story goes. */
  readonly pace: number
  /** `undefined`: as many as usual. */
  readonly visitsPerSecond: number | undefined
  readonly nodes: number | undefined
  readonly meshFile: string
  readonly dataDirectory: string
}

/** What the command line asks for; `null`: the help. Throws with the flag that cannot be read. */
export function readFlags(args: readonly string[]): Flags | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      break: { type: 'string' },
      mend: { type: 'string' },
      steady: { type: 'boolean', default: false },
      pace: { type: 'string' },
      visits: { type: 'string' },
      nodes: { type: 'string' },
      'mesh-file': { type: 'string', default: resolve(root, 'demo/mesh.yaml') },
      'data-dir': { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  const nodes = wholeNumber('--nodes', values.nodes, 10, 2_000)
  wholeNumber('--port', values.port, 0, 65_535)
  if (values.break !== undefined && values.mend !== undefined)
    throw new Error('--break and --mend: expected one of them, and got both; start the demo twice')
  if (nodes !== undefined && (values.break ?? values.mend) !== undefined) {
    const flag = values.break === undefined ? '--mend' : '--break'
    throw new Error(`${flag}: expected the sample mesh, and got --nodes, whose mesh has no apps to break`)
  }
  return {
    port: values.port,
    break: values.break === undefined ? undefined : breakable(values.break),
    mend: values.mend === undefined ? undefined : breakable(values.mend),
    isSteady: values.steady,
    pace: wholeNumber('--pace', values.pace, 1, 20) ?? 1,
    visitsPerSecond: wholeNumber('--visits', values.visits, 1, 200),
    nodes,
    meshFile: resolve(values['mesh-file']),
    dataDirectory: resolve(
      values['data-dir'] ??
        (nodes === undefined ? usualDataDirectory : resolve(root, '.meshscope/synthetic')),
    ),
  }
}

/** What tells another start of the demo which one runs: empty for the usual data directory. */
export function dataDirectoryFlag(dataDirectory: string): string {
  return dataDirectory === usualDataDirectory ? '' : ` --data-dir ${dataDirectory}`
}

function wholeNumber(
  flag: string,
  text: string | undefined,
  lowest: number,
  highest: number,
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d{1,5}$/.test(text) && value >= lowest && value <= highest) return value
  throw new Error(`${flag}: expected a whole number from ${lowest} to ${highest}, and got ${text}`)
}
