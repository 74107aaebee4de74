import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type PinnedProcess, startPinned } from '#bench/pinned-process.ts'
import { meshFile, prometheusConfig, type TargetsSpec, targetAddress } from './targets-spec.ts'

const root = resolve(import.meta.dirname, '../..')
/** What is measured has a core of its own; what feeds and asks it has the other. */
const cores = { measured: 1, others: 0 } as const

/** Targets, and who scrapes them. */
export interface Rig {
  readonly spec: TargetsSpec
  /** Samples of one target's exposition. */
  readonly samples: number
  /** How many expositions a client with this name in its User-Agent has fetched; of ours the name is `meshscope`. */
  served(client: string): Promise<number>
  /** Our server with these roles, on a free port. */
  startOurs(roles: string): Promise<Scraper>
  startPrometheus(): Promise<Scraper>
  close(): Promise<void>
}

/** A program that scrapes the targets. */
export interface Scraper extends PinnedProcess {
  /** The name that the targets know it by. */
  readonly client: string
  /** Where it is asked. */
  readonly origin: string
}

/** Starts the targets. Ours and Prometheus are started on them one after the other. */
export async function startRig(given: Omit<TargetsSpec, 'port' | 'network'>): Promise<Rig> {
  const spec: TargetsSpec = { ...given, port: await freePort(), network: '127.47' }
  const folder = mkdtempSync(join(tmpdir(), 'meshscope-bench-'))
  const first = `http://${targetAddress(spec, 0)}:${spec.port}`
  const last = `http://${targetAddress(spec, spec.count - 1)}:${spec.port}`
  const targets = await startPinned(
    cores.others,
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'targets-main.ts')],
    async () => (await answers(`${first}/served`)) && answers(`${last}/served`),
    { MESHSCOPE_BENCH_TARGETS: JSON.stringify(spec) },
  )
  const counts = async () =>
    (await (await fetch(`${first}/served`)).json()) as { served: Record<string, number>; samples: number }
  const { samples } = await counts()
  let started = 0
  return {
    spec,
    samples,
    served: async client => (await counts()).served[client] ?? 0,
    async startOurs(roles) {
      const port = await freePort()
      const data = join(folder, `ours-${started++}`)
      const mesh = join(folder, 'mesh.yaml')
      writeFileSync(mesh, meshFile(spec))
      const options = ['--roles', roles, '--mesh-file', mesh, '--data-dir', data, '--port', String(port)]
      const origin = `http://127.0.0.1:${port}`
      const before = (await counts()).served.meshscope ?? 0
      const process_ = await startPinned(
        cores.measured,
        process.execPath,
        [join(root, 'dist/server.js'), ...options, '--scrape-interval', `${spec.intervalMs}ms`],
        async () =>
          ((await counts()).served.meshscope ?? 0) > before &&
          (!roles.includes('web') || answers(`${origin}/readyz`)),
      )
      return { ...process_, client: 'meshscope', origin }
    },
    async startPrometheus() {
      const port = await freePort()
      const config = join(folder, 'prometheus.yaml')
      writeFileSync(config, prometheusConfig(spec))
      const origin = `http://127.0.0.1:${port}`
      const process_ = await startPinned(
        cores.measured,
        'prometheus',
        [
          `--config.file=${config}`,
          `--storage.tsdb.path=${join(folder, `prometheus-${started++}`)}`,
          `--web.listen-address=127.0.0.1:${port}`,
          '--log.level=error',
        ],
        () => answers(`${origin}/-/ready`),
      )
      return { ...process_, client: 'Prometheus', origin }
    },
    async close() {
      await targets.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer()
    server.once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => done(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
