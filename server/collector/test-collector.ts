import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { defaultProxyPorts, type Instance, type MeshState } from '#lib/resources/mesh-state.ts'
import type { Platform } from '#server/platform/platform.ts'
import type { Delta } from '#server/store/delta.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import type { Store } from '#server/store/store.ts'
import { type Collector, type CollectorOptions, startCollector } from './collector.ts'

const closers: (() => Promise<void> | void)[] = []

/** Closes what a test opened, the last first. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

const intervalMs = 100
const now = () => Date.now()

/** A proxy's admin server. */
export async function serve(listener: RequestListener, port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  closers.push(() => stop(server))
  return { port: (server.address() as AddressInfo).port, server }
}

/** Ends it and its connections. */
export async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}

/** A meshed pod of shop/web whose admin port is on this machine. */
export function instance(name: string, admin: number, changed: Partial<Instance> = {}): Instance {
  return {
    namespace: 'shop',
    name,
    ip: '127.0.0.1',
    workload: { namespace: 'shop', kind: 'deployment', name: 'web' },
    serviceAccount: 'web',
    labels: {},
    annotations: {},
    meshed: true,
    identity: null,
    controlPlaneNamespace: 'linkerd',
    zone: null,
    ports: [],
    proxyPorts: { ...defaultProxyPorts, admin },
    ...changed,
  }
}

/** A platform that is told what runs. */
class TestPlatform implements Platform {
  readonly #listeners = new Set<() => void>()
  #instances: readonly Instance[] = []

  set(...instances: Instance[]): void {
    this.#instances = instances
    for (const listener of this.#listeners) listener()
  }
  current() {
    return { instances: this.#instances } as MeshState
  }
  problem() {
    return null
  }
  subscribe(listener: () => void) {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  async close() {}
}

/** A collector that scrapes what the platform is told to hold, and all that it appends. */
export function start(changed: Partial<CollectorOptions> = {}): {
  platform: TestPlatform
  store: Store
  collector: Collector
  deltas: Delta[]
  registry: Registry
} {
  const platform = new TestPlatform()
  const registry = new Registry()
  const deltas: Delta[] = []
  const memory = createMemoryStore({ intervalMs })
  const store: Store = Object.create(memory, {
    append: {
      value: (delta: Delta) => {
        deltas.push(delta)
        memory.append(delta)
      },
    },
  })
  const collector = startCollector({ platform, store, registry, intervalMs, now, ...changed })
  closers.push(() => collector.close())
  return { platform, store, collector, deltas, registry }
}

/** What a proxy prints that started at a time and has counted so many requests. */
export const exposition = (count: number, startedAtMs: number) =>
  `response_total{direction="inbound",target_port="8080",tls="true",client_id="a",classification="success"} ${count}\nprocess_start_time_seconds ${startedAtMs / 1_000}\n# EOF\n`

/** How many successful requests these deltas hold, of one pod or of all. */
export const counted = (deltas: readonly Delta[], pod?: string) =>
  deltas
    .filter(delta => pod === undefined || delta.pod === pod)
    .flatMap(delta => delta.cells)
    .reduce((total, cell) => total + (cell.success ?? 0), 0)
export const stateOf = (collector: Collector, pod: string) =>
  collector.list().find(target => target.pod === pod)
