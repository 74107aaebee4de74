import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { ensureBrowser } from './browser.ts'
import { buildStale } from './build.ts'
import { ensureTools } from './tools.ts'

const root = resolve(import.meta.dirname, '..')
const say = (line: string) => console.log(`· ${line}`)

/** The steps of a test run, in order; the run stops at the first that fails. */
const steps: readonly (readonly [name: string, script: string])[] = [
  ['format, lint, import directions, dead code and types', 'check'],
  ['parts and meshes', 'test:parts'],
  ['pages in Chromium', 'test:pages'],
]

function run(script: string, env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn('npm', ['run', '--silent', script], {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', code => done(code ?? 1))
  })
}

try {
  const env = {
    ...process.env,
    NEXT_TELEMETRY_DISABLED: '1',
    MESHSCOPE_BROWSER: ensureBrowser(say),
  }
  ensureTools(say)
  await buildStale(say)
  for (const [name, script] of steps) {
    const startedMs = performance.now()
    const code = await run(script, env)
    if (code !== 0) throw new Error(`${name} failed with exit code ${code}`)
    say(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
