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

interface Step {
  readonly name: string
  /** Of package.json. */
  readonly script: string
  readonly output: ScriptRun['output']
  /** Whether it ends all others when it fails: what is wrong is known then. */
  readonly endsAll?: boolean
}

interface Outcome extends Step {
  readonly code: number
  readonly kept: string
  readonly seconds: string
}

async function run(step: Step): Promise<Outcome> {
  const startedMs = performance.now()
  const env = { ...process.env, ...keepBuild, TMPDIR: temporary }
  const ended = await runScript({ script: step.script, env, output: step.output, signal: stopping.signal })
  if (step.endsAll && ended.code !== 0) stopping.abort()
  return { ...step, ...ended, seconds: ((performance.now() - startedMs) / 1000).toFixed(1) }
}

/** Those that need no pages, which take longest to build. */
const atOnce: readonly Step[] = [
  { name: 'format, lint, import directions and dead code', script: 'lint', output: 'kept', endsAll: true },
  { name: 'parts', script: 'test:parts', output: 'shown' },
]

const withPages: readonly Step[] = [
  { name: 'types', script: 'typecheck', output: 'kept', endsAll: true },
  { name: 'meshes', script: 'test:meshes', output: 'kept' },
  { name: 'pages in Chromium', script: 'test:pages', output: 'kept' },
]

/** Each computes for a part of its time and waits for the rest: all at once, they leave no core idle. */
async function main(): Promise<void> {
  process.env.NEXT_TELEMETRY_DISABLED = '1'
  process.env.MESHSCOPE_BROWSER = ensureBrowser(say)
  ensureTools(say)
  await buildStale(say, 'programs')
  const pages = buildStale(say)
  const outcomes = await Promise.all([
    ...atOnce.map(run),
    ...withPages.map(async step => {
      await pages
      return run(step)
    }),
  ])
  for (const { name, code, kept, seconds } of outcomes) {
    process.stdout.write(kept)
    if (code === 0) say(`${name}: ${seconds} s`)
    else complain(`${name} failed with exit code ${code} after ${seconds} s`)
  }
}

function complain(error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

await main().catch((error: unknown) => {
  stopping.abort()
  complain(error)
})
