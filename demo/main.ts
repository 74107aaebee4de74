import { createServer } from 'node:net'
import { buildStale } from '#scripts/build.ts'
import type { Demo } from './demo.ts'
import { type Flags, help, readFlags } from './flags.ts'
import { askRemote } from './remote.ts'
import { SampleDemo } from './sample-demo.ts'
import { SyntheticDemo } from './synthetic-demo.ts'

/** Throws when somebody listens on a port already: said before anything is started. */
function assertFree(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', error => fail(new Error(`Cannot use port ${port}: ${error.message}`)))
    server.listen(port, '127.0.0.1', () => server.close(() => done()))
  })
}

/** Tells the demo that runs to break or mend something; `false` when there is none and one is to be started. */
async function isTold({ break: broken, mend, dataDirectory }: Flags): Promise<boolean> {
  if (broken === undefined && mend === undefined) return false
  const line = mend === undefined ? `break ${broken}` : `mend ${mend}`
  const answer = await askRemote(dataDirectory, line)
  if (answer !== null) console.log(answer)
  else if (mend !== undefined) throw new Error(`Cannot mend ${mend}: no demo runs in ${dataDirectory}`)
  return answer !== null
}

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2))
  if (!flags) return console.log(help)
  if (await isTold(flags)) return
  await buildStale(line => console.log(`· ${line}`))
  if (flags.port !== undefined) await assertFree(Number(flags.port))
  let stopping: Promise<undefined> | null = null
  const stop = (exitCode: number) => {
    stopping ??= demo.stop().then(() => process.exit(exitCode))
  }
  const lost = () => stop(1)
  const demo: Demo =
    flags.nodes === undefined ? new SampleDemo(flags, lost) : new SyntheticDemo(flags, flags.nodes, lost)
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))
  // Ended while it started: what that interrupted is no failure.
  const text = await demo.start().catch((error: unknown) => stopping ?? Promise.reject(error))
  if (text !== undefined) console.log(text)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
