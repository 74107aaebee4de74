import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { parse } from 'yaml'
import * as z from 'zod/mini'

const root = resolve(import.meta.dirname, '../..')
const composeSubnet = '172.28.18.'

const serviceSchema = z.object({
  image: z.string(),
  build: z.optional(z.string()),
  depends_on: z.optional(z.unknown()),
  command: z.optional(z.array(z.string())),
  environment: z._default(z.record(z.string(), z.string()), {}),
  network_mode: z.optional(z.string()),
  networks: z.optional(z.unknown()),
  healthcheck: z.optional(z.object({ test: z.array(z.string()) })),
})
const fileSchema = z.object({ services: z.record(z.string(), serviceSchema) })
type Service = z.infer<typeof serviceSchema>

const upSchema = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
})

/** The services of our image that docker-compose.yml names. */
export function servicesOfImage(): Readonly<Record<string, Service>> {
  const text = readFileSync(resolve(root, 'docker-compose.yml'), 'utf8')
  const { services } = fileSchema.parse(parse(text, { merge: true }))
  return Object.fromEntries(Object.entries(services).filter(([, { image }]) => image === 'meshscope'))
}

interface Running {
  readonly name: string
  readonly child: ChildProcess
  readonly ended: Promise<void>
  /** The last that it said. */
  log: string
}

/** Those services, runnable as plain processes on this machine. */
export class ComposeRun {
  readonly services: Readonly<Record<string, Service>>
  readonly #directory: string
  readonly #image: string
  readonly #subnet: string
  readonly #children: Running[] = []

  /** `image` is what the image's working directory holds; addresses are moved to `subnet` (`127.82.17`), paths to `directory`. */
  constructor({ directory, image, subnet }: { directory: string; image: string; subnet: string }) {
    this.services = servicesOfImage()
    this.#directory = directory
    this.#image = image
    this.#subnet = subnet
    mkdirSync(join(directory, 'mesh'), { recursive: true })
    const mesh = readFileSync(resolve(root, 'docker/mesh/mesh.yaml'), 'utf8')
    writeFileSync(join(directory, 'mesh/mesh.yaml'), mesh.replaceAll(composeSubnet, `${subnet}.`))
    // Where the containers' names lead: here, to a preloaded module instead of a name server.
    writeFileSync(
      join(directory, 'names.mjs'),
      `import dns from 'node:dns'
       const lookup = dns.lookup
       const hosts = JSON.parse(process.env.TEST_HOSTS)
       dns.lookup = (name, ...rest) => lookup(hosts[name] ?? name, ...rest)`,
    )
  }

  /** The address that a service has here. */
  ipOf(name: string): string {
    const service = this.services[name]
    const owner = service?.network_mode?.replace(/^service:/, '')
    if (owner !== undefined) return this.ipOf(owner)
    const ip = new RegExp(`${composeSubnet.replaceAll('.', '\\.')}\\d+`).exec(
      JSON.stringify(service?.networks),
    )?.[0]
    if (ip === undefined) throw new Error(`Cannot run ${name}: expected an ipv4_address, found none`)
    return ip.replace(composeSubnet, `${this.#subnet}.`)
  }

  /** Starts the service's command, or the image's. */
  start(name: string, imageCommand: readonly string[]): void {
    const [program = '', ...args] = this.services[name]?.command ?? imageCommand
    const child = spawn(
      program,
      args.map(text => this.#moved(name, text)),
      {
        cwd: this.#image,
        env: this.#environment(name),
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    this.#keep(name, child)
  }

  /** Starts Prometheus as its image does, with the configuration that it is given: Debian's stands for it. */
  startPrometheus(): { hasScrapedAll(): Promise<boolean> } {
    const config = readFileSync(resolve(root, 'docker/prometheus.yml'), 'utf8')
    const targets = config.match(/- targets:/g)?.length ?? 0
    const path = join(this.#directory, 'prometheus.yml')
    // Asked as a proxy for its own metrics, the server is found without a name server.
    const named = config.replace(
      'static_configs:',
      `proxy_url: http://${this.ipOf('server')}:8084\n    static_configs:`,
    )
    writeFileSync(path, this.#moved('server', named))
    const address = `${this.ipOf('server')}:9090`
    this.#keep(
      'prometheus',
      spawn(
        'prometheus',
        [
          `--config.file=${path}`,
          `--storage.tsdb.path=${join(this.#directory, 'prometheus')}`,
          `--web.listen-address=${address}`,
        ],
        { cwd: this.#directory, stdio: ['ignore', 'pipe', 'pipe'] },
      ),
    )
    return {
      hasScrapedAll: async () => {
        const answer = await fetch(`http://${address}/api/v1/query?query=sum(up)`)
        const { data } = upSchema.parse(await answer.json())
        return Number(data.result[0]?.value[1]) === targets
      },
    }
  }

  /** Whether the service's own health check passes. */
  async isHealthy(name: string): Promise<boolean> {
    const [, program = '', ...args] = this.services[name]?.healthcheck?.test ?? []
    const moved = args.map(text => this.#moved(name, text.replaceAll('127.0.0.1', 'localhost')))
    const child = spawn(program, moved, { cwd: this.#image, env: this.#environment(name), stdio: 'ignore' })
    const [code] = await once(child, 'close')
    return code === 0
  }

  /** Whether the service said that, not long ago. To ask this costs nothing, a health check a process. */
  hasSaid(name: string, text: string): boolean {
    return this.#children.some(child => child.name === name && child.log.includes(text))
  }

  /** The last that all of them said. */
  log(): string {
    return this.#children.map(({ log }) => log).join('\n')
  }

  async close(): Promise<void> {
    for (const { child } of this.#children) child.kill('SIGTERM')
    const timer = setTimeout(() => {
      for (const { child } of this.#children) child.kill('SIGKILL')
    }, 8_000)
    await Promise.all(this.#children.map(({ ended }) => ended))
    clearTimeout(timer)
  }

  /** Keeps what it says, and ends it with the others. */
  #keep(name: string, child: ChildProcessByStdio<null, Readable, Readable>): void {
    const entry = {
      name,
      child,
      log: '',
      ended: new Promise<void>(done => child.once('close', () => done())),
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.on(
        'data',
        (chunk: Buffer) => (entry.log = `${entry.log}${name}: ${chunk.toString()}`.slice(-4_000)),
      )
    }
    this.#children.push(entry)
  }

  #environment(name: string): NodeJS.ProcessEnv {
    const own = Object.entries(this.services[name]?.environment ?? {}).map(
      ([key, value]) => [key, this.#moved(name, value)] as const,
    )
    return {
      PATH: process.env.PATH ?? '',
      NODE_ENV: 'production',
      NODE_OPTIONS: `--import file://${join(this.#directory, 'names.mjs')}`,
      TEST_HOSTS: JSON.stringify({ server: this.ipOf('server'), localhost: this.ipOf(name) }),
      ...Object.fromEntries(own),
    }
  }

  #moved(name: string, text: string): string {
    const ip = this.ipOf(name)
    return text
      .replaceAll('$$', '$')
      .replaceAll(composeSubnet, `${this.#subnet}.`)
      .replaceAll('0.0.0.0', ip)
      .replaceAll('127.0.0.1', ip)
      .replaceAll(/(?<![\w.-])\/(data|credentials|mesh)(?=\/|$)/g, `${this.#directory}/$1`)
      .replaceAll(/(?<![\w.-])\/identity(?=\/|$)/g, `${this.#directory}/keys/${name}`)
  }
}
