import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { afterEach, expect, test, vi } from 'vitest'
import { defaultProxyPorts, type Instance, type MeshState } from '#lib/resources/mesh-state.ts'
import type { Platform } from '#server/platform/platform.ts'
import type { Delta } from '#server/store/delta.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import type { Store } from '#server/store/store.ts'
import { type Collector, type CollectorOptions, startCollector } from './collector.ts'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const intervalMs = 100
const now = () => Date.now()

/** A proxy's admin server. */
async function serve(listener: RequestListener, port = 0): Promise<{ port: number; server: Server }> {
  const server = createServer(listener)
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  closers.push(() => stop(server))
  return { port: (server.address() as AddressInfo).port, server }
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise(resolve => server.close(resolve))
}

function instance(name: string, admin: number, changed: Partial<Instance> = {}): Instance {
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

function start(changed: Partial<CollectorOptions> = {}): {
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

const exposition = (count: number, startedAtMs: number) =>
  `response_total{direction="inbound",target_port="8080",tls="true",client_id="a",classification="success"} ${count}\nprocess_start_time_seconds ${startedAtMs / 1_000}\n# EOF\n`

const counted = (deltas: readonly Delta[], pod?: string) =>
  deltas
    .filter(delta => pod === undefined || delta.pod === pod)
    .flatMap(delta => delta.cells)
    .reduce((total, cell) => total + (cell.success ?? 0), 0)
const stateOf = (collector: Collector, pod: string) => collector.list().find(target => target.pod === pod)

test('startCollector() counts what proxies count, and only of instances that are meshed and have an address', async () => {
  let count = 7
  const { port } = await serve((_, response) => response.end(exposition(count, 1_000)))
  const { platform, collector, deltas } = start()
  platform.set(
    instance('web-0', port),
    instance('web-1', port, { meshed: false }),
    instance('web-2', port, { ip: '' }),
  )
  await vi.waitUntil(() => deltas.length > 0)
  count = 19
  await vi.waitUntil(() => counted(deltas) === 12)
  expect(collector.list()).toHaveLength(1)
  expect(collector.list()[0]).toMatchObject({
    namespace: 'shop',
    pod: 'web-0',
    workload: { kind: 'deployment', name: 'web' },
    metricsUrl: `http://127.0.0.1:${port}/metrics`,
    state: 'up',
    downSinceMs: null,
    samples: 2,
    error: null,
  })
  for (let i = 1; i < deltas.length; i++) expect(deltas[i]!.startMs).toBe(deltas[i - 1]!.endMs)
})

test('startCollector() keeps scraping the others, when one target stalls', async () => {
  const stalled = await serve((_, response) => response.write('response_total{'))
  const good = await serve((_, response) => response.end(exposition(1, 1_000)))
  const { platform, collector, deltas } = start({ timeoutMs: 300 })
  platform.set(instance('stalled', stalled.port), instance('good', good.port))
  await vi.waitUntil(() => stateOf(collector, 'stalled')?.state === 'down', 5_000)
  expect(stateOf(collector, 'stalled')?.error).toContain('no whole answer within 300 ms')
  expect(deltas.filter(delta => delta.pod === 'good').length).toBeGreaterThan(1)
  expect(deltas.filter(delta => delta.pod === 'stalled')).toEqual([])
})

test('startCollector() keeps what was scraped and says since when, when a proxy dies in mid-body', async () => {
  let count = 3
  const startedAtMs = Date.now() + 1_000
  let isDying = false
  const { port, server } = await serve((request, response) => {
    if (!isDying) {
      response.end(exposition(count, startedAtMs))
      return
    }
    response.setHeader('content-length', 1_000)
    response.write('response_total{direction="inbound"', () => request.socket.destroy())
  })
  const { platform, collector, deltas, registry } = start()
  platform.set(instance('web-0', port))
  await vi.waitUntil(() => counted(deltas) === 3)
  const lastGoodMs = deltas.at(-1)!.endMs
  isDying = true
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'down')
  const down = stateOf(collector, 'web-0')
  expect(down?.error).toMatch(/the answer broke off after \d+ bytes|the connection was reset/)
  expect(down?.downSinceMs).toBeGreaterThanOrEqual(lastGoodMs)
  expect(down?.lastScrapeAtMs).toBeGreaterThanOrEqual(lastGoodMs)
  expect(counted(deltas)).toBe(3)
  expect(await registry.metrics()).toContain('meshscope_scrape_targets{state="down"} 1')

  await stop(server)
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.error?.includes('connection refused'), 5_000)
  expect(stateOf(collector, 'web-0')?.downSinceMs).toBe(down?.downSinceMs)

  count = 8
  await serve((_, response) => response.end(exposition(count, startedAtMs)), port)
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'up', 5_000)
  await vi.waitUntil(() => counted(deltas) === 8)
  const first = deltas.find(delta => delta.endMs > down!.downSinceMs!)
  expect(first?.startMs).toBe(down?.lastScrapeAtMs)
})

test('startCollector() takes a close-delimited body without its end mark for cut off', async () => {
  let isWhole = true
  const { port } = await serve((_, response) => {
    response.removeHeader('transfer-encoding')
    response.shouldKeepAlive = false
    response.useChunkedEncodingByDefault = false
    const body = exposition(5, 1_000)
    response.end(isWhole ? body : body.slice(0, body.indexOf('process_start')))
  })
  const { platform, collector, deltas } = start()
  platform.set(instance('web-0', port))
  await vi.waitUntil(() => deltas.length > 0)
  isWhole = false
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.error?.includes('lacks its last line'))
  isWhole = true
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'up', 5_000)
  expect(counted(deltas)).toBe(0)
})

test('startCollector() takes a body that ends in mid-line for cut off, when nothing else says so', async () => {
  const line = (count: number) =>
    `response_total{direction="inbound",target_port="8080",tls="true",client_id="a",classification="success"} ${count}\n`
  let body = line(80)
  const { port } = await serve((_, response) => {
    response.shouldKeepAlive = false
    response.useChunkedEncodingByDefault = false
    response.end(body)
  })
  const { platform, collector, deltas } = start()
  platform.set(instance('web-0', port))
  await vi.waitUntil(() => deltas.length > 0)
  body = line(80).slice(0, -2)
  await vi.waitUntil(() =>
    stateOf(collector, 'web-0')?.error?.includes('the last line of the answer lacks its end'),
  )
  expect(stateOf(collector, 'web-0')?.state).toBe('down')
  body = line(82)
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'up', 5_000)
  expect(counted(deltas)).toBe(2)
})

test('startCollector() keeps nothing of a body that is garbage, says so, and counts on', async () => {
  const startedAtMs = Date.now() + 60_000
  let body = exposition(5, startedAtMs)
  const { port } = await serve((_, response) => response.end(body))
  const { platform, collector, deltas, registry } = start()
  platform.set(instance('web-0', port))
  await vi.waitUntil(() => counted(deltas) === 5)
  body = '{\n'.repeat(5_000_000) + exposition(900, startedAtMs)
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'down', 10_000)
  expect(stateOf(collector, 'web-0')?.error).toContain(
    'expected an exposition, got over 1000 unreadable lines',
  )
  expect(await registry.metrics()).toContain('meshscope_scrape_failures_total{code="SCRAPE_NO_EXPOSITION"}')
  body = exposition(8, startedAtMs)
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'up', 10_000)
  expect(counted(deltas)).toBe(8)
})

test('startCollector() counts what it can of an exposition with garbage in it, and says what it left out', async () => {
  const garbage =
    'x{y="\\"z"} 1\n<<<\nresponse_total{direction="inbound",target_port="1",classification="success"} NaN\n'
  const startedAtMs = Date.now() + 60_000
  const { port } = await serve((_, response) => response.end(garbage + exposition(6, startedAtMs)))
  const { platform, collector, deltas, registry } = start()
  platform.set(instance('web-0', port))
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'up')
  expect(counted(deltas)).toBe(6)
  expect(stateOf(collector, 'web-0')?.error).toBe(
    'Left out 2 samples that could not be used: line 2: expected a metric name, got "<<<"',
  )
  expect(await registry.metrics()).toMatch(/meshscope_scrape_bad_samples_total [1-9]/)
})

test('startCollector() does not count twice, when an instance leaves and comes back', async () => {
  const startedAtMs = Date.now() + 60_000
  const { port } = await serve((_, response) => response.end(exposition(4, startedAtMs)))
  const { platform, deltas } = start({ now: () => Date.now() + 120_000 })
  platform.set(instance('web-0', port))
  await vi.waitUntil(() => deltas.length > 0)
  const before = deltas.length
  platform.set()
  platform.set(instance('web-0', port))
  await vi.waitUntil(() => deltas.length > before + 1)
  expect(counted(deltas)).toBe(0)
})

/** Measures the most CPU time that went by between two rounds of the event loop; the clock's time says more of the machine. */
function watchTurns(): { longestMs(): number; reset(): void } {
  let longestMs = 0
  let used = process.cpuUsage()
  let next = setImmediate(function turn() {
    const { user, system } = process.cpuUsage(used)
    longestMs = Math.max(longestMs, (user + system) / 1_000)
    used = process.cpuUsage()
    next = setImmediate(turn)
  })
  closers.push(() => clearImmediate(next))
  return {
    longestMs: () => longestMs,
    reset: () => {
      longestMs = 0
      used = process.cpuUsage()
    },
  }
}

test('startCollector() reads 10 MB, and what changed in it, and holds up nobody', async () => {
  const series = 50_000
  let count = 1
  const body = () => {
    const lines = Array.from(
      { length: series },
      (_, i) =>
        `response_total{direction="outbound",authority="users.shop.svc.cluster.local:80",target_addr="10.1.0.5:8080",dst_namespace="shop",dst_service="users",dst_deployment="users",dst_pod="users-${i % 50}",tls="true",server_id="users",status_code="${i}",classification="success"} ${i % 2 === 0 ? count : 5}`,
    )
    return `${lines.join('\n')}\nprocess_start_time_seconds 1\n# EOF\n`
  }
  let text = body()
  expect(text.length).toBeGreaterThan(10_000_000)
  const { port } = await serve((_, response) => response.end(text))
  const { platform, collector, deltas } = start({ timeoutMs: 20_000 })
  platform.set(instance('web-0', port))
  const turns = watchTurns()
  await vi.waitUntil(() => deltas.length > 0, 20_000)
  // Making the text is this test's own work.
  const coldMs = turns.longestMs()
  count = 3
  text = body()
  turns.reset()
  await vi.waitUntil(() => counted(deltas) > 0, 20_000)
  expect(counted(deltas)).toBe(series)
  expect(coldMs).toBeLessThan(250)
  expect(turns.longestMs()).toBeLessThan(250)
  expect(stateOf(collector, 'web-0')).toMatchObject({ state: 'up', samples: series + 1 })
})

test('subscribe() calls back after each round, until it is stopped', async () => {
  const { platform, collector } = start()
  platform.set()
  let rounds = 0
  const stopCounting = collector.subscribe(() => rounds++)
  await vi.waitUntil(() => rounds >= 2)
  stopCounting()
  const after = rounds
  await new Promise<void>(resolve => {
    collector.subscribe(resolve)
  })
  expect(rounds).toBe(after)
})

test('close() stops at once and is safe twice, while a target stalls', async () => {
  const { port } = await serve((_, response) => response.write('a'))
  const { platform, collector } = start()
  platform.set(instance('web-0', port))
  await Promise.all([collector.close(), collector.close()])
  await collector.close()
  expect(collector.list()).toEqual([])
})
