import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import type { Demo } from './demo.ts'
import type { Flags } from './flags.ts'
import { type Child, startChild } from './launch/child.ts'
import { syntheticGraph } from './synthetic/graph.ts'
import { meshDocuments } from './synthetic/mesh-documents.ts'

const dist = resolve(import.meta.dirname, '../dist')
const firstSecondNumber = 24
const lastSecondNumber = 62

/** A mesh of many workloads of which only the numbers are there: expositions without proxies, scraped by a real server. */
export class SyntheticDemo implements Demo {
  readonly #flags: Flags
  readonly #nodes: number
  readonly #lost: () => void
  readonly #stopping = new AbortController()
  #proxies: Child | null = null
  #server: Child | null = null

  /** `lost` is called when a program ended by itself. */
  constructor(flags: Flags, nodes: number, lost: () => void) {
    this.#flags = flags
    this.#nodes = nodes
    this.#lost = lost
  }

  async start(): Promise<string> {
    const { dataDirectory, port } = this.#flags
    const subnet = await freeNetwork()
    const graph = syntheticGraph(this.#nodes, subnet)
    const meshFile = join(dataDirectory, 'mesh.yaml')
    mkdirSync(join(dataDirectory, 'logs'), { recursive: true, mode: 0o700 })
    const { signal } = this.#stopping
    try {
      this.#proxies = await startChild({
        name: 'synthetic',
        args: [join(dist, 'synthetic-proxies.js')],
        env: { MESHSCOPE_SYNTHETIC_NODES: String(this.#nodes), MESHSCOPE_SYNTHETIC_SUBNET: subnet },
        logFile: join(dataDirectory, 'logs', 'synthetic.log'),
        ready: /^synthetic ready /,
        signal,
      })
      writeFileSync(meshFile, meshDocuments(graph))
      this.#server = await startChild({
        name: 'server',
        args: [
          join(dist, 'server.js'),
          '--roles',
          'collect,web',
          '--mesh-file',
          meshFile,
          '--data-dir',
          dataDirectory,
          ...(port === undefined ? [] : ['--port', port]),
        ],
        logFile: join(dataDirectory, 'logs', 'server.log'),
        ready: /^web ready url=(?<url>\S+)/,
        signal,
      })
    } catch (error) {
      await this.stop()
      throw error
    }
    for (const child of [this.#proxies, this.#server]) {
      void child.ended.then(() => {
        if (signal.aborted) return
        console.error(`${child.name} ended by itself; see ${child.logFile}`)
        this.#lost()
      })
    }
    const { url } = this.#server.facts
    return `· a synthetic mesh of ${graph.workloads.length} workloads and ${graph.flows.length} edges; logs in ${dataDirectory}/logs

  The topology:   ${url}/topology
  The dashboard:  ${url}

  Ctrl-C ends all of it.
`
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#server?.stop()
    await this.#proxies?.stop()
  }
}

/** The first two numbers of a network of loopback addresses in which nobody has a proxy: `127.24`. */
async function freeNetwork(): Promise<string> {
  for (let second = firstSecondNumber; second <= lastSecondNumber; second += 2) {
    if (await canListen(`127.${second}.1.2`, 4191)) return `127.${second}`
  }
  throw new Error(`Found no free network from 127.${firstSecondNumber} to 127.${lastSecondNumber}`)
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise(done => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, host, () => server.close(() => done(true)))
  })
}
