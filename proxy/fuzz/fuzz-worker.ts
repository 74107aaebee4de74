import { fuzz } from './fuzz.ts'

const [seed = 0, maxInputs = 0, seconds = 0] = process.argv.slice(2).map(Number)
const endsMs = performance.now() + seconds * 1000
const { inputs, verdicts } = fuzz(seed, maxInputs, () => performance.now() > endsMs)
const counts = [inputs, verdicts.accepted, verdicts.refused, verdicts['unknown method']]
process.stdout.write(counts.join(' '))
