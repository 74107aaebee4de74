import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    inputs: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
  },
})
const seed = Number(values.seed)
const startedMs = performance.now()
const endsMs = startedMs + Number(values.seconds) * 1000
process.stdout.write(`seed ${seed}\n`)
const { inputs, verdicts } = fuzz(seed, Number(values.inputs), () => performance.now() > endsMs)
const seconds = (performance.now() - startedMs) / 1000
process.stdout.write(
  `${inputs} inputs in ${seconds.toFixed(1)} s without a difference: ${verdicts.accepted} accepted, ` +
    `${verdicts.refused} refused, ${verdicts['unknown method']} of methods that Node does not know\n`,
)
