import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBrowser } from './browser.ts'
import { buildStale, keepBuild } from './build.ts'
import { runScript, type ScriptRun } from './run-script.ts'
import { ensureTools } from './tools.ts'

const say = (line: string) => console.log(`· ${line}`)

/** What browsers and tests leave where temporary files belong is removed with it. */
const temporary = mkdtempSync(join(tmpdir(), 'meshscope-run-'))
process.once('exit', () => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }))

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort())

/** Runs one script; what it gives prints what was kept of its output, and throws if it failed. */
async function run(name: string, script: string, output: ScriptRun['output']): Promise<() => void> {
  const startedMs = performance.now()
  const env = { ...process.env, TMPDIR: temporary }
  const { code, kept } = await runScript({ script, env, output, signal: stopping.signal })
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1)
  return () => {
    process.stdout.write(kept)
    if (code !== 0) throw new Error(`${name} failed with exit code ${code} after ${seconds} s`)
    say(`${name}: ${seconds} s`)
  }
}

async function main(): Promise<void> {
  process.env.NEXT_TELEMETRY_DISABLED = '1'
  process.env.MESHSCOPE_BROWSER = ensureBrowser(say)
  ensureTools(say)
  await buildStale(say)
  keepBuild()
  const report = await run('format, lint, import directions, dead code and types', 'check', 'shown')
  report()
  // Each computes with one core and waits much; together they take little more than the longer one.
  const reports = await Promise.all([
    run('parts and meshes', 'test:parts', 'shown'),
    run('pages in Chromium', 'test:pages', 'kept'),
  ])
  for (const each of reports) {
    try {
      each()
    } catch (error) {
      complain(error)
    }
  }
}

function complain(error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

await main().catch(complain)
