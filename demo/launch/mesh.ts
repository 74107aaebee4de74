import { mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { appHost, appPlaces } from './apps.ts'
import { type Child, type ChildSpec, startChild } from './child.ts'
import { type ControlAddresses, proxyEnv } from './proxy-env.ts'

const dist = resolve(import.meta.dirname, '../../dist')

/** A mesh to run: what is in it, and how its programs are told to behave. */
export interface MeshPlan {
  readonly mesh: MeshState
  readonly meshFile: string
  readonly dataDirectory: string
  /** Flags added to the control plane's and to the server's own. */
  readonly controlArgs?: readonly string[]
  readonly serverArgs?: readonly string[]
  /** Added to every proxy's environment. */
  readonly proxyEnv?: Readonly<Record<string, string>>
  /** `false`: no sample apps; the caller serves the instances' ports. */
  readonly apps?: boolean
}

/** Starts the parts of a mesh, each a process of its own, and knows how to stop them in order. */
export class Mesh {
  readonly plan: MeshPlan
  readonly proxies = new Map<string, Child>()
  control: Child | null = null
  server: Child | null = null
  apps: Child | null = null
  #addresses: ControlAddresses | null = null
  readonly #stopping = new AbortController()
  /** Programs that are not ready yet. */
  readonly #starting = new Set<Promise<Child>>()

  constructor(plan: MeshPlan) {
    this.plan = plan
    mkdirSync(join(plan.dataDirectory, 'logs'), { recursive: true, mode: 0o700 })
  }

  async #launch(spec: ChildSpec): Promise<Child> {
    this.#stopping.signal.throwIfAborted()
    const starting = startChild({ ...spec, signal: this.#stopping.signal })
    this.#starting.add(starting)
    try {
      return await starting
    } finally {
      this.#starting.delete(starting)
    }
  }

  /** Starts the control plane; asked again after its end, at the same addresses. */
  async startControl(): Promise<void> {
    const known = this.#addresses
    const port = (address: string | undefined) => address?.slice(address.lastIndexOf(':') + 1) ?? '0'
    this.control = await this.#launch({
      name: 'control',
      args: [
        join(dist, 'server.js'),
        '--roles',
        'control',
        '--mesh-file',
        this.plan.meshFile,
        '--data-dir',
        this.plan.dataDirectory,
        '--identity-port',
        port(known?.identity),
        '--destination-port',
        port(known?.destination),
        '--policy-port',
        port(known?.policy),
        ...(this.plan.controlArgs ?? []),
      ],
      logFile: this.#logFile('control'),
      ready: /^control ready identity=(?<identity>\S+) destination=(?<destination>\S+) policy=(?<policy>\S+)/,
    })
    const { identity, destination, policy } = this.control.facts
    if (!identity || !destination || !policy)
      throw new Error('The control plane did not say where it listens')
    this.#addresses = { identity, destination, policy }
  }

  /** Starts the proxy beside a meshed instance. */
  async startProxy(instance: Instance, env: Readonly<Record<string, string>> = {}): Promise<Child> {
    if (!this.#addresses) throw new Error('Starting a proxy needs the control plane: start it first')
    const directory = join(this.plan.dataDirectory, 'proxies', instance.namespace, instance.name)
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    const id = `${instance.namespace}/${instance.name}`
    const child = await this.#launch({
      name: id,
      args: [join(dist, 'proxy.js')],
      env: {
        ...proxyEnv(this.plan.mesh, instance, {
          control: this.#addresses,
          trustAnchorsPem: readFileSync(
            join(this.plan.dataDirectory, 'identity', 'trust-anchors.pem'),
            'utf8',
          ),
          tokenFile: join(this.plan.dataDirectory, 'tokens', instance.namespace, `${instance.name}.jwt`),
          identityDirectory: directory,
          appHost: appHost(instance.ip),
        }),
        ...this.plan.proxyEnv,
        ...env,
      },
      logFile: this.#logFile(`proxy-${instance.namespace}-${instance.name}`),
      ready: /^proxy ready /,
    })
    this.proxies.set(id, child)
    return child
  }

  async startProxies(): Promise<void> {
    await Promise.all(this.meshed().map(instance => this.startProxy(instance)))
  }

  /** Starts collector and web; `args` may name the port. */
  async startServer(args: readonly string[] = []): Promise<string> {
    this.server = await this.#launch({
      name: 'server',
      args: [
        join(dist, 'server.js'),
        '--roles',
        'collect,web',
        '--mesh-file',
        this.plan.meshFile,
        '--data-dir',
        this.plan.dataDirectory,
        ...(this.plan.serverArgs ?? []),
        ...args,
      ],
      logFile: this.#logFile('server'),
      ready: /^web ready url=(?<url>\S+)/,
    })
    return this.url
  }

  async startApps(): Promise<void> {
    this.apps = await this.#launch({
      name: 'apps',
      args: [join(dist, 'sample-apps.js')],
      env: { MESHSCOPE_SAMPLE_APPS: JSON.stringify(appPlaces(this.plan.mesh)) },
      logFile: this.#logFile('apps'),
      ready: /^apps ready /,
    })
  }

  /** Starts everything and then the traffic. Returns the address of the dashboard. */
  async start(args: readonly string[] = []): Promise<string> {
    try {
      // First the one that owns the data directory: a second mesh in it ends here, before it disturbs the first.
      await this.startControl()
      if (this.plan.apps !== false) await this.startApps()
      const [url] = await Promise.all([this.startServer(args), this.startProxies()])
      this.apps?.send('start')
      return url
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** The dashboard's address. */
  get url(): string {
    return this.server?.facts.url ?? ''
  }

  meshed(): readonly Instance[] {
    return this.plan.mesh.instances.filter(instance => instance.meshed)
  }

  children(): readonly Child[] {
    return [this.apps, this.server, ...this.proxies.values(), this.control].filter(child => child !== null)
  }

  /** Ends traffic first, then the proxies, which the server scrapes once more, the control plane last. Safe twice. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    await Promise.allSettled(this.#starting)
    await this.apps?.stop()
    await Promise.all([...this.proxies.values()].map(proxy => proxy.stop(3_000)))
    await this.server?.stop()
    await this.control?.stop()
  }

  #logFile(name: string): string {
    return join(this.plan.dataDirectory, 'logs', `${name}.log`)
  }
}
