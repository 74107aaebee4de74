import { spawn } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')

/** One thing to build: what it is made of, the file that is newer than all of that when it is up to date, and how. */
interface Target {
  readonly name: string
  readonly kind: 'program' | 'pages'
  readonly sources: readonly string[]
  readonly stamp: string
  make(): Promise<void>
}

/** What finds its own files in node_modules, and is loaded from there. */
const external = ['next', '@duckdb/node-api', 'bufferutil', 'utf-8-validate']

/**
 * Packages go into what is built: Node opens a few files at the start of a program instead of hundreds. `parts` is one
 * file with everything in it, or several of which each is loaded when needed.
 */
function bundle(entry: string, name: string, parts: 'one' | 'several' = 'one'): () => Promise<void> {
  return async () => {
    const chunks = `${name}-parts`
    rmSync(join(root, 'dist', chunks), { recursive: true, force: true })
    await build({
      entryPoints: { [name]: join(root, entry) },
      outdir: join(root, 'dist'),
      chunkNames: `${chunks}/[name]-[hash]`,
      bundle: true,
      splitting: parts === 'several',
      external,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      sourcemap: 'linked',
      logLevel: 'error',
      absWorkingDir: root,
      // Bundled CommonJS packages ask for `require`, which ES modules do not have.
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
      },
    })
  }
}

const targets: readonly Target[] = [
  {
    name: 'proxy',
    kind: 'program',
    sources: ['proxy', 'lib', 'package-lock.json'],
    stamp: 'dist/proxy.js',
    make: bundle('proxy/main.ts', 'proxy'),
  },
  {
    name: 'server',
    kind: 'program',
    sources: ['server', 'lib', 'package-lock.json'],
    stamp: 'dist/server.js',
    make: bundle('server/main.ts', 'server', 'several'),
  },
  {
    name: 'command line',
    kind: 'program',
    sources: ['cli', 'lib', 'package-lock.json'],
    stamp: 'dist/meshscope.js',
    make: bundle('cli/main.ts', 'meshscope'),
  },
  {
    name: 'sample apps',
    kind: 'program',
    sources: ['demo/apps', 'demo/trouble.ts', 'lib'],
    stamp: 'dist/sample-apps.js',
    make: bundle('demo/apps/main.ts', 'sample-apps'),
  },
  {
    name: 'synthetic proxies',
    kind: 'program',
    sources: ['demo/synthetic', 'lib'],
    stamp: 'dist/synthetic-proxies.js',
    make: bundle('demo/synthetic/main.ts', 'synthetic-proxies'),
  },
  {
    name: 'pages',
    kind: 'pages',
    sources: [
      'app',
      'components',
      'public',
      'lib',
      'instrumentation-client.ts',
      'next.config.ts',
      'tsconfig.json',
      'package-lock.json',
    ],
    stamp: '.next/BUILD_ID',
    make: () => run('pages', [join(root, 'node_modules/next/dist/bin/next'), 'build']),
  },
]

function run(name: string, args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((done, fail) => {
    child.on('error', fail)
    child.on('close', code => (code === 0 ? done() : fail(new Error(`Building ${name} failed\n${output}`))))
  })
}

/** The newest change below a path in Unix milliseconds; 0 when there is nothing. Tests count for nothing. */
function newestMs(path: string): number {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return /\.(test|bench)\.tsx?$/.test(path) ? 0 : stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newestMs(join(path, name))))
}

function isStale(target: Target): boolean {
  const stamp = join(root, target.stamp)
  if (!existsSync(stamp)) return true
  return Math.max(...target.sources.map(source => newestMs(join(root, source)))) > statSync(stamp).mtimeMs
}

/** What programs are given that all use the same build: it may not change under them, and `buildStale` throws instead. */
export const keepBuild = { MESHSCOPE_KEEP_BUILD: '1' } as const

/** Builds what is missing or older than its sources, all or the programs only; says each step through `report`. */
export async function buildStale(
  report: (line: string) => void,
  what: 'all' | 'programs' = 'all',
): Promise<void> {
  for (const target of targets) {
    if ((what === 'programs' && target.kind !== 'program') || !isStale(target)) continue
    if (process.env.MESHSCOPE_KEEP_BUILD === keepBuild.MESHSCOPE_KEEP_BUILD) {
      throw new Error(
        `Cannot use ${target.stamp}: expected it newer than ${target.sources.join(', ')}, which changed while tests run`,
      )
    }
    const startedMs = performance.now()
    await target.make()
    // A build that found nothing to write still is newer than its sources now.
    utimesSync(join(root, target.stamp), new Date(), new Date())
    report(`built ${target.name} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await buildStale(line => console.log(line))
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
