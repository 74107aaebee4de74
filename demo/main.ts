import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { buildStale } from '#scripts/build.ts'
import type { Child } from './launch/child.ts'
import { Mesh } from './launch/mesh.ts'
import { readMesh } from './launch/read-mesh.ts'

const help = `Runs a sample mesh and its dashboard on this machine, until Ctrl-C.

Usage: npm run demo -- [flags]

  --port N          the dashboard's port; without it the first free one from 8084
  --mesh-file FILE  another mesh of the sample apps (default demo/mesh.yaml)
  --data-dir DIR    certificates, tokens and logs (default .meshscope/demo)
  --help            this text`

const root = resolve(import.meta.dirname, '..')

interface Flags {
  readonly port: string | undefined
  readonly meshFile: string
  readonly dataDirectory: string
}

function readFlags(): Flags | null {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'mesh-file': { type: 'string', default: resolve(root, 'demo/mesh.yaml') },
      'data-dir': { type: 'string', default: resolve(root, '.meshscope/demo') },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  if (values.port !== undefined && !(/^\d{1,5}$/.test(values.port) && Number(values.port) < 65_536)) {
    throw new Error(`--port: expected a port, 0 to 65535, and got ${values.port}`)
  }
  return {
    port: values.port,
    meshFile: resolve(values['mesh-file']),
    dataDirectory: resolve(values['data-dir']),
  }
}

/** Says when a program ends that should not, and ends the demo when it cannot go on without it. */
function watch(mesh: Mesh, isStopping: () => boolean, giveUp: () => void): void {
  const needed: ReadonlySet<Child | null> = new Set([mesh.control, mesh.server, mesh.apps])
  for (const child of mesh.children()) {
    void child.ended.then(({ code, signal }) => {
      if (isStopping()) return
      console.error(`${child.name} ended by itself (${signal ?? `code ${code}`}); see ${child.logFile}`)
      if (needed.has(child)) giveUp()
    })
  }
}

/** Throws when somebody listens on a port already: said before anything is started. */
function assertFree(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', error => fail(new Error(`Cannot use port ${port}: ${error.message}`)))
    server.listen(port, '127.0.0.1', () => server.close(() => done()))
  })
}

async function main(): Promise<void> {
  const flags = readFlags()
  if (!flags) return console.log(help)
  await buildStale(line => console.log(`· ${line}`))
  if (flags.port !== undefined) await assertFree(Number(flags.port))
  const mesh = new Mesh({
    mesh: await readMesh(flags.meshFile),
    meshFile: flags.meshFile,
    dataDirectory: flags.dataDirectory,
    serverArgs: ['--scrape-interval', '1s'],
  })
  let stopping: Promise<undefined> | null = null
  const stop = (exitCode: number) => {
    stopping ??= mesh.stop().then(() => process.exit(exitCode))
  }
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))
  const started = mesh.start(flags.port === undefined ? [] : ['--port', flags.port])
  // Ended while it started: what that interrupted is no failure.
  const url = await started.catch((error: unknown) => stopping ?? Promise.reject(error))
  if (url === undefined) return
  watch(
    mesh,
    () => stopping !== null,
    () => stop(1),
  )
  console.log(`· ${mesh.proxies.size} proxies, the sample apps, the control plane and the server run; logs in ${flags.dataDirectory}/logs

  The dashboard:  ${url}

  In another terminal:
    npm run -s meshscope -- stat deploy -A --api-addr ${url}
    npm run -s meshscope -- edges deploy -A --api-addr ${url}

  Ctrl-C ends all of it.`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
