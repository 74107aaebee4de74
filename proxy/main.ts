import { createLog, type Log } from './log.ts'
import { readConfig } from './read-config.ts'
import { runProxy } from './run-proxy.ts'

/** What the shell is told of a bad configuration, as linkerd2-proxy does (EX_USAGE). */
const EXIT_BAD_CONFIG = 64

const result = readConfig(process.env)
if (!result.ok) {
  for (const problem of result.problems) process.stderr.write(`proxy configuration: ${problem}\n`)
  process.exit(EXIT_BAD_CONFIG)
}
const { config } = result
const log: Log = createLog({
  level: config.logLevel,
  write: line => process.stderr.write(line),
  nowMs: Date.now,
})

const fail = (what: string, error: unknown): never => {
  log.error(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
  process.exit(1)
}
process.on('uncaughtException', error => fail('Uncaught error', error))
process.on('unhandledRejection', error => fail('Unhandled rejection', error))

const stop = new AbortController()
const onSignal = (signal: NodeJS.Signals): void => {
  if (stop.signal.aborted) process.exit(1)
  log.info(`Received ${signal}, draining`)
  stop.abort()
}
process.on('SIGTERM', onSignal)
process.on('SIGINT', onSignal)
// Started over a channel: with the program that started us gone, nobody else would end us.
process.once('disconnect', () => process.exit(0))
// Whoever read the log is gone: traffic goes on.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})

try {
  await runProxy(config, { log, stop })
  process.exit(0)
} catch (error) {
  fail('Proxy failed', error)
}
