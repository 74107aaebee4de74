import { parseArgs } from 'node:util'
import { benchMetrics } from './metrics/run.ts'

const benches: Readonly<Record<string, (seconds: number) => Promise<void>>> = { metrics: benchMetrics }

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: 'string', default: '60' } },
})
const [name = ''] = positionals
const bench = benches[name]
const seconds = Number(values.seconds)
if (bench === undefined || !(seconds >= 10)) {
  process.stderr.write(
    `Cannot measure ${JSON.stringify(name)} for ${values.seconds} s: expected one of ${Object.keys(benches).join(', ')}, and --seconds of 10 or more\n`,
  )
  process.exitCode = 1
} else await bench(seconds)
