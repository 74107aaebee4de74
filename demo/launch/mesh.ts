import { setMaxListeners } from 'node:events'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { AppPlace, Order } from '#demo/apps/order.ts'
import type { Trouble } from '#demo/trouble.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { appHost, appPlaces } from './apps.ts'
import { type Child, type ChildSpec, type Ended, startChild } from './child.ts'
import { type ControlAddresses, proxyEnv } from './proxy-env.ts'

const dist = resolve(import.meta.dirname, '../../dist')
const tokenTimeoutMs = 10_000

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
  /** How many visitors a second the sample apps send; as many as usual when it is left out. */
  readonly visitsPerSecond?: number | undefined
  /** Told of a program that ended although nobody asked it to. */
  readonly onLost?: (child: Child, end: Ended) => void
}

/** Starts the parts of a mesh, each a process of its own, and knows how to stop them in order. */
export class Mesh {
  readonly plan: MeshPlan
  readonly proxies = new Map<string, Child>()
  control: Child | null = null
  server: Child | null = null
  apps: Child | null = null
  #state: MeshState
  #addresses: ControlAddresses | null = null
  readonly #stopping = new AbortController()
  /** Programs that are not ready yet. */
  readonly #starting = new Set<Promise<Child>>()
  /** Programs that are ended on purpose. */
  readonly #ending = new WeakSet<Child>()

  constructor(plan: MeshPlan) {
    // Each program that starts listens.
    setMaxListeners(0, this.#stopping.signal)
    this.plan = plan
    this.#state = plan.mesh
    mkdirSync(join(plan.dataDirectory, 'logs'), { recursive: true, mode: 0o700 })
  }

  async #launch(spec: ChildSpec): Promise<Child> {
    this.#stopping.signal.throwIfAborted()
    const starting = startChild({ ...spec, signal: this.#stopping.signal })
    this.#starting.add(starting)
    try {
      const child = await starting
      void child.ended.then(end => {
        if (!this.#stopping.signal.aborted && !this.#ending.has(child)) this.plan.onLost?.(child, end)
      })
      return child
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
    const id = idOf(instance)
    const child = await this.#launch({
      name: id,
      args: [join(dist, 'proxy.js')],
      env: {
        ...proxyEnv(this.#state, instance, {
          control: this.#addresses,
          trustAnchorsPem: readFileSync(
            join(this.plan.dataDirectory, 'identity', 'trust-anchors.pem'),
            'utf8',
          ),
          tokenFile: this.#tokenFile(instance),
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

  /** Kills the proxy beside an instance, as a crash would. */
  async killProxy(id: string): Promise<void> {
    const child = this.proxies.get(id)
    if (!child) return
    this.#ending.add(child)
    child.kill('SIGKILL')
    await child.ended
    this.proxies.delete(id)
  }

  async #stopProxy(id: string): Promise<void> {
    const child = this.proxies.get(id)
    if (!child) return
    this.#ending.add(child)
    await child.stop(3_000)
    this.proxies.delete(id)
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
      env: { MESHSCOPE_SAMPLE_APPS: JSON.stringify(this.#places(this.#state)) },
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
      this.#order({ kind: 'start' })
      return url
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Gives instances that came their proxy and app, and ends those of instances that left or changed. */
  async setState(next: MeshState): Promise<void> {
    const before = new Map(this.meshed().map(instance => [idOf(instance), instance]))
    this.#state = next
    const after = new Map(this.meshed().map(instance => [idOf(instance), instance]))
    const isAsBefore = (id: string) => JSON.stringify(before.get(id)) === JSON.stringify(after.get(id))
    const left = [...before.keys()].filter(id => !isAsBefore(id))
    const came = [...after].filter(([id]) => !isAsBefore(id))
    await Promise.all(left.map(id => this.#stopProxy(id)))
    this.#order({ kind: 'places', places: this.#places(next) })
    await Promise.all(
      came.map(async ([, instance]) => {
        await this.#untilToken(instance)
        await this.startProxy(instance)
      }),
    )
  }

  #places(state: MeshState): AppPlace[] {
    const { visitsPerSecond } = this.plan
    return appPlaces(state).map(place => ({ ...place, visitsPerSecond }))
  }

  /** Tells the sample apps all that is wrong from now on. */
  setTroubles(troubles: readonly Trouble[]): void {
    this.#order({ kind: 'troubles', troubles: [...troubles] })
  }

  #order(order: Order): void {
    this.apps?.send(order)
  }

  /** The control plane reads the mesh file by itself, and writes a token for each instance that it finds there. */
  async #untilToken(instance: Instance): Promise<void> {
    const deadlineMs = performance.now() + tokenTimeoutMs
    while (!existsSync(this.#tokenFile(instance))) {
      if (performance.now() > deadlineMs) {
        throw new Error(
          `Starting ${idOf(instance)} failed: no token after ${tokenTimeoutMs} ms; see ${this.#logFile('control')}`,
        )
      }
      await delay(50, undefined, { signal: this.#stopping.signal })
    }
  }

  #tokenFile({ namespace, name }: Instance): string {
    return join(this.plan.dataDirectory, 'tokens', namespace, `${name}.jwt`)
  }

  /** The dashboard's address. */
  get url(): string {
    return this.server?.facts.url ?? ''
  }

  meshed(): readonly Instance[] {
    return this.#state.instances.filter(instance => instance.meshed)
  }

  /** All that is known of what runs now. */
  get state(): MeshState {
    return this.#state
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

/** `shop/web-0` */
function idOf({ namespace, name }: Instance): string {
  return `${namespace}/${name}`
}
