#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { run } from './run.ts'

/** The version of the package this file, or the bundle made of it, is in. */
function packageVersion(): string {
  const described: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  if (typeof described !== 'object' || described === null || !('version' in described)) return 'unknown'
  return String(described.version)
}

// A reader that has seen enough, as in `meshscope stat … | head -3`, is not a failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1)
})

process.exitCode = await run(process.argv.slice(2), packageVersion(), {
  env: process.env,
  colours: process.stdout.isTTY === true && !process.env.NO_COLOR,
  print: text => void process.stdout.write(text),
  complain: text => void process.stderr.write(`${text}\n`),
  onInterrupt(listener) {
    process.on('SIGINT', listener)
    process.on('SIGTERM', listener)
    return () => {
      process.off('SIGINT', listener)
      process.off('SIGTERM', listener)
    }
  },
})
