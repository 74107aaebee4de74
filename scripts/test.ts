import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { ensureBrowser } from './browser.ts'
import { buildStale } from './build.ts'
import { ensureTools } from './tools.ts'

const root = resolve(import.meta.dirname, '..')
const say = (line: string) => console.log(`· ${line}`)

function bin(name: string): string {
  return join(root, 'node_modules/.bin', name)
}

/** The steps of a test run, in order; the run stops at the first that fails. */
const steps: readonly (readonly [name: string, command: string, args: readonly string[]])[] = [
  ['format and lint', bin('biome'), ['check', '.', '--error-on-warnings']],
  ['promises and switches', bin('oxlint'), ['--type-aware', '--deny-warnings', '--quiet']],
  ['dead files and exports', bin('knip'), []],
  ['types of lib', bin('tsc'), ['-p', 'lib']],
  ['types of programs', bin('tsc'), ['-p', 'tsconfig.node.json']],
  ['types of pages', bin('tsc'), ['-p', '.']],
  [
    'unit and integration',
    bin('vitest'),
    ['run', '--reporter=default', '--reporter=./scripts/vitest-counts.ts'],
  ],
  ['pages in Chromium', bin('playwright'), ['test']],
]

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] })
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
  for (const [name, command, args] of steps) {
    const startedMs = performance.now()
    const code = await run(command, args, env)
    if (code !== 0) throw new Error(`${name} failed with exit code ${code}`)
    say(`${name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
