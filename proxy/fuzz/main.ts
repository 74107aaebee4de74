import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { fuzzServers } from './fuzz.ts'

const WORKER = resolve(import.meta.dirname, 'fuzz-worker.ts')

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '600' },
    inputs: { type: 'string', default: '10000000' },
    'socket-inputs': { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
  },
})
const seed = Number(values.seed)
const seconds = Number(values.seconds)
const inputs = Number(values.inputs)
const startedMs = performance.now()
const pastSeconds = () => (performance.now() - startedMs) / 1000
process.stdout.write(`seed ${seed}\n`)

/** Tries the share of one worker, in a process of its own; what comes back are inputs and verdicts. */
async function fuzzShare(first: number, share: number): Promise<readonly number[]> {
  const args = [seed + first, Math.min(share, inputs - first), seconds].map(String)
  const worker = spawn(process.execPath, ['--import', 'tsx', WORKER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = () => worker.kill()
  process.once('exit', stop)
  let text = ''
  worker.stdout.on('data', chunk => {
    text += String(chunk)
  })
  const [code] = await once(worker, 'close')
  process.off('exit', stop)
  if (code !== 0) throw new Error(`A worker of the fuzz ended with ${code}`)
  return text.split(' ').map(Number)
}

/** By as many workers as there are cores. */
async function fuzzParsers(): Promise<void> {
  const workers = Math.min(availableParallelism(), inputs)
  const share = Math.ceil(inputs / workers)
  const all = await Promise.all(Array.from({ length: workers }, (_, i) => fuzzShare(i * share, share)))
  const sum = (at: number) => all.reduce((total, counts) => total + (counts[at] ?? 0), 0)
  tell('the parsers', sum(0), sum(1), sum(2), sum(3))
}

/** Begins at the same seed as the parsers do. */
async function fuzzSockets(): Promise<void> {
  const result = await fuzzServers(seed, Number(values['socket-inputs']), () => pastSeconds() > seconds)
  const { accepted, refused, 'unknown method': unknown } = result.verdicts
  tell('servers over sockets', result.inputs, accepted, refused, unknown)
}

function tell(what: string, tried: number, accepted: number, refused: number, unknown: number): void {
  process.stdout.write(
    `${what}: ${tried} inputs in ${pastSeconds().toFixed(1)} s without a difference: ${accepted} accepted, ` +
      `${refused} refused, ${unknown} of methods that Node does not know\n`,
  )
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
await Promise.all([fuzzParsers(), fuzzSockets()])
