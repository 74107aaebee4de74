import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { TapEvent, TapFilter, TapStats } from '#lib/api/tap.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { type AuthorityOptions, openAuthority } from '#server/control/identity/authority.ts'
import { memberCertificate } from '#server/control/identity/member-certificate.ts'
import type { CountRequests, TapSink } from './tap.ts'
import { type RunningTap, Taps } from './taps.ts'
import { testInstance, testPlatform } from './test-platform.ts'
import { startTestProxy, type TestProxy } from './test-proxy.ts'

const host = '127.77.31'
let authority: AuthorityOptions
const opened: { close(): unknown }[] = []

beforeAll(async () => {
  authority = {
    root: await mkdtemp(join(tmpdir(), 'meshscope-taps-')),
    controlPlaneNamespace: 'linkerd',
    trustDomain: 'cluster.local',
    issuanceLifetimeMs: 3_600_000,
    clockSkewAllowanceMs: 20_000,
    now: Date.now,
  }
  await openAuthority(authority)
})
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close()
})
afterAll(() => rm(authority.root, { recursive: true, force: true }))

/** A pod with a proxy that can be tapped; its identity may be another than the one it proves. */
async function meshedPod(name: string, app: string, lastNumber: number, proves = app) {
  const ip = `${host}.${lastNumber}`
  const identity = `${proves}.shop.serviceaccount.identity.linkerd.cluster.local`
  const proxy = await startTestProxy(ip, 0, await memberCertificate(identity, authority)())
  opened.push(proxy)
  const proxyPorts = { inbound: 4143, outbound: 4140, control: proxy.port, admin: 4191 }
  return { proxy, instance: testInstance(name, app, ip, { proxyPorts }) }
}

interface Heard extends TapSink {
  readonly heard: TapEvent[]
  readonly told: TapStats[]
  room: boolean
}

function sink(): Heard {
  const heard: TapEvent[] = []
  const told: TapStats[] = []
  return {
    heard,
    told,
    room: true,
    hasRoom() {
      return this.room
    },
    events: events => void heard.push(...events),
    stats: stats => void told.push(stats),
  }
}

const nothingCounted: CountRequests = () => Promise.resolve(null)

function start(
  instances: readonly Instance[],
  filter: Partial<TapFilter> = {},
  countRequests = nothingCounted,
  of = authority,
): { sink: Heard; tap: RunningTap; platform: ReturnType<typeof testPlatform> } {
  const platform = testPlatform(instances)
  const taps = new Taps({
    platform,
    certificate: memberCertificate('tap.linkerd-viz.serviceaccount.identity.linkerd.cluster.local', of),
    countRequests,
    redactedHeaders: ['cookie'],
    registry: new Registry(),
    now: Date.now,
  })
  opened.push(taps)
  const listener = sink()
  return { sink: listener, tap: taps.start({ resource: 'deploy', ...filter }, listener), platform }
}

const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 })
const paths = (events: readonly TapEvent[]) => events.map(({ path }) => path)
const untilWatched = (...proxies: readonly TestProxy[]) =>
  until(() => expect(proxies.every(proxy => proxy.open() > 0)).toBe(true))
const stateOf = ({ told }: Heard, pod: string) => told.at(-1)?.pods.find(one => one.pod === pod)

describe('Taps.start()', () => {
  test('tells each request once, though many streams of a proxy follow each other', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    const { sink } = start([instance], { maxRps: 500 })
    // The proxy is asked for 2,000 at once: more than that are told only by the stream that follows.
    const sent: string[] = []
    for (let i = 0; i < 30; i++) {
      await untilWatched(proxy)
      for (let j = 0; j < 100; j++) {
        const path = `/${i}/${j}`
        sent.push(path)
        proxy.tell({ direction: 'inbound', path, requestId: path })
      }
      await new Promise(done => setImmediate(done))
    }
    await until(() => expect(sink.told.at(-1)?.shown).toBe(sink.heard.length))
    await until(() => expect(sink.heard.length + (sink.told.at(-1)?.dropped.limit ?? 0)).toBe(sent.length))
    expect(new Set(paths(sink.heard)).size).toBe(sink.heard.length)
    expect(proxy.asked.length).toBeGreaterThan(1)
    expect(sink.told.at(-1)?.dropped).toMatchObject({ proxyBuffer: 0, serverBuffer: 0, slowClient: 0 })
  })

  test('joins what both ends tell, leaves out sensitive values, and names both pods', async () => {
    const web = await meshedPod('web-0', 'web', 2)
    const catalog = await meshedPod('catalog-0', 'catalog', 3)
    const { sink } = start([web.instance, catalog.instance], { extract: 'headers' })
    await until(() => {
      expect(stateOf(sink, 'web-0')?.state).toBe('tapping')
      expect(stateOf(sink, 'catalog-0')?.state).toBe('tapping')
    })
    const headers = { cookie: 'secret', accept: '*/*' }
    const common = { path: '/items', requestId: 'r-1', headers }
    web.proxy.tell({ ...common, direction: 'outbound', destination: catalog.instance.ip })
    catalog.proxy.tell({ ...common, direction: 'inbound', source: web.instance.ip })
    await until(() => expect(sink.heard).toHaveLength(1))
    expect(sink.heard[0]).toMatchObject({
      direction: 'both',
      source: { pod: 'web-0', ip: web.instance.ip },
      destination: { pod: 'catalog-0' },
      status: 200,
      tls: 'true',
      requestId: 'r-1',
    })
    expect(sink.heard[0]?.requestHeaders).toEqual([
      { name: 'cookie', value: '[redacted]' },
      { name: 'accept', value: '*/*' },
    ])
    expect(JSON.stringify(sink.heard)).not.toContain('secret')
  })

  test('tells a request once, though both its proxies have only begun to be watched', async () => {
    const web = await meshedPod('web-0', 'web', 2)
    const catalog = await meshedPod('catalog-0', 'catalog', 3)
    const { sink } = start([web.instance, catalog.instance])
    const ends = { source: web.instance.ip, destination: catalog.instance.ip }
    const tellBurst = async (prefix: string) => {
      await untilWatched(web.proxy, catalog.proxy)
      const sent = Array.from({ length: 20 }, (_, i) => `${prefix}/${i}`)
      for (const path of sent) web.proxy.tell({ ...ends, path, requestId: path, direction: 'outbound' })
      for (const path of sent) catalog.proxy.tell({ ...ends, path, requestId: path, direction: 'inbound' })
      await until(() => expect(paths(sink.heard)).toEqual(expect.arrayContaining(sent)))
    }
    await tellBurst('/first')
    await until(() => expect(stateOf(sink, 'catalog-0')?.state).toBe('tapping'))
    catalog.proxy.drop()
    await until(() => expect(catalog.proxy.open()).toBe(0))
    await tellBurst('/again')
    expect(sink.heard.map(({ direction }) => direction)).toEqual(Array(40).fill('both'))
  })

  test('tells at its end what has ended, and counts what goes on', async () => {
    const web = await meshedPod('web-0', 'web', 2)
    const catalog = await meshedPod('catalog-0', 'catalog', 3)
    const { sink, tap } = start([web.instance, catalog.instance])
    await untilWatched(web.proxy, catalog.proxy)
    const sent = { direction: 'outbound', destination: catalog.instance.ip } as const
    web.proxy.tell({ ...sent, path: '/goes-on', requestId: 'r-1', goesOn: true })
    web.proxy.tell({ ...sent, path: '/waits', requestId: 'r-2' })
    web.proxy.tell({ direction: 'inbound', path: '/ended' })
    await until(() => expect(paths(sink.heard)).toContain('/ended'))
    expect(tap.finish()).toMatchObject({
      shown: 2,
      unfinished: 1,
      dropped: { limit: 0, proxyBuffer: 0, serverBuffer: 0, slowClient: 0 },
    })
    expect(paths(sink.heard).toSorted()).toEqual(['/ended', '/waits'])
  })

  test('counts at its end what a client that does not read was not sent', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    const { sink, tap } = start([instance])
    await untilWatched(proxy)
    let rounds = 0
    sink.hasRoom = () => {
      rounds++
      return false
    }
    for (let i = 0; i < 5; i++) proxy.tell({ direction: 'inbound', path: `/${i}` })
    await until(() => expect(rounds).toBeGreaterThan(5))
    expect(tap.finish()).toMatchObject({ shown: 0, dropped: { slowClient: 5 } })
    expect(sink.heard).toEqual([])
  })

  test('shows no more than the limit, and counts the rest', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    const { sink } = start([instance], { maxRps: 10 })
    await untilWatched(proxy)
    for (let i = 0; i < 50; i++) proxy.tell({ direction: 'inbound', path: `/${i}`, requestId: `${i}` })
    await until(() => {
      const { shown = 0, dropped } = sink.told.at(-1) ?? {}
      expect(shown + (dropped?.limit ?? 0)).toBe(50)
      expect(shown).toBeGreaterThanOrEqual(10)
      expect(shown).toBeLessThan(20)
    })
    expect(sink.heard).toHaveLength(sink.told.at(-1)?.shown ?? 0)
  })

  test('counts what a proxy lost before it could tell it', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    const { sink } = start([instance])
    await untilWatched(proxy)
    proxy.tell({ direction: 'inbound', path: '/first' })
    for (let i = 0; i < 3; i++) proxy.lose()
    proxy.tell({ direction: 'inbound', path: '/last' })
    await until(() => expect(sink.told.at(-1)).toMatchObject({ shown: 2, dropped: { proxyBuffer: 3 } }))
  })

  test('says how many were counted, and what was not heard of when there was more than it may watch', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    let requests = 77
    const { sink } = start([instance], { maxRps: 1 }, () => {
      const answer = { requests, endMs: Date.now() }
      requests = 0
      return Promise.resolve(answer)
    })
    // The first reading is of what was before.
    await until(() => expect(sink.told.at(-1)?.counted).toBe(0))
    requests = 1_000
    for (let i = 0; i < 500; i++) {
      if (i < 300) await untilWatched(proxy)
      proxy.tell({ direction: 'inbound', path: `/${i}`, requestId: `${i}` })
    }
    await until(() => {
      const { shown = 0, counted, dropped } = sink.told.at(-1) ?? {}
      expect(counted).toBe(1_000)
      expect(shown + (dropped?.limit ?? 0)).toBe(1_000)
    })
  })

  test('counts what comes while it is paused, and goes on when told to', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    const { sink, tap } = start([instance])
    await untilWatched(proxy)
    tap.pause()
    proxy.tell({ direction: 'inbound', path: '/unseen' })
    await until(() => expect(sink.told.at(-1)?.paused).toBe(1))
    tap.resume()
    proxy.tell({ direction: 'inbound', path: '/seen' })
    await until(() => expect(paths(sink.heard)).toEqual(['/seen']))
  })

  test('loses the oldest for a client that does not read, and counts them', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    const { sink } = start([instance], { maxRps: 5_000 })
    sink.room = false
    for (let i = 0; i < 2_600; i++) {
      if (i % 500 === 0) await untilWatched(proxy)
      proxy.tell({ direction: 'inbound', path: `/${i}`, requestId: `${i}` })
      if (i % 500 === 0) await new Promise(done => setImmediate(done))
    }
    sink.room = true
    await until(() => {
      const { shown = 0, dropped } = sink.told.at(-1) ?? {}
      expect(shown + (dropped?.limit ?? 0) + (dropped?.slowClient ?? 0)).toBe(2_600)
      expect(sink.heard).toHaveLength(shown)
    })
  })

  test('names a pod whose proxy is gone or is another one, goes on with the rest, and takes it back', async () => {
    const web = await meshedPod('web-0', 'web', 2)
    const imposter = await meshedPod('catalog-0', 'catalog', 3, 'imposter')
    const plain = testInstance('legacy-0', 'legacy', `${host}.4`, { meshed: false, identity: null })
    const { sink } = start([web.instance, imposter.instance, plain])
    await until(() => {
      expect(stateOf(sink, 'web-0')).toMatchObject({ state: 'tapping' })
      expect(stateOf(sink, 'catalog-0')?.error).toContain('proved another identity')
      expect(stateOf(sink, 'legacy-0')?.error).toContain('Not in the mesh')
    })
    await web.proxy.close()
    await until(() => expect(stateOf(sink, 'web-0')?.error).toMatch(/Nothing listens|Lost the proxy/))
    const identity = web.instance.identity ?? ''
    const again = await startTestProxy(
      web.instance.ip,
      web.instance.proxyPorts.control,
      await memberCertificate(identity, authority)(),
    )
    opened.push(again)
    await untilWatched(again)
    again.tell({ direction: 'inbound', path: '/back' })
    await until(() => expect(paths(sink.heard)).toEqual(['/back']))
  })

  test('says what helps, when this server is no member of the mesh', async () => {
    const { instance } = await meshedPod('web-0', 'web', 2)
    const elsewhere = { ...authority, root: join(authority.root, 'elsewhere') }
    const { sink } = start([instance], {}, nothingCounted, elsewhere)
    await until(() => expect(stateOf(sink, 'web-0')?.error).toMatch(/^Cannot join the mesh: .*--data-dir/))
  })

  test('takes new pods in, and lets go of those that are gone', async () => {
    const first = await meshedPod('web-0', 'web', 2)
    const { sink, platform } = start([first.instance], { resource: 'deploy/web' })
    await untilWatched(first.proxy)
    const second = await meshedPod('web-1', 'web', 3)
    platform.set([second.instance])
    await untilWatched(second.proxy)
    await until(() => expect(first.proxy.open()).toBe(0))
    second.proxy.tell({ direction: 'inbound', path: '/second' })
    await until(() => expect(paths(sink.heard)).toEqual(['/second']))
    platform.set([])
    await until(() => expect(sink.told.at(-1)?.pods).toEqual([]))
    platform.set([first.instance])
    await untilWatched(first.proxy)
  })

  test.each<[Partial<TapFilter>, string]>([
    [{ resource: 'deploy/nobody' }, 'UNKNOWN_RESOURCE'],
    [{ namespace: 'nowhere' }, 'UNKNOWN_NAMESPACE'],
    [{ resource: 'deploy/legacy' }, 'NOTHING_TO_TAP'],
    [{ maxRps: 0 }, 'BAD_PARAMETER'],
    [{ maxRps: 5_001 }, 'BAD_PARAMETER'],
    [{ path: 'items' }, 'BAD_PARAMETER'],
    [{ method: 'G E T' }, 'BAD_PARAMETER'],
    [{ toNamespace: 'shop' }, 'CONFLICTING_PARAMETERS'],
  ])('refuses %j', (filter, code) => {
    const instances = [
      testInstance('web-0', 'web', `${host}.2`),
      testInstance('legacy-0', 'legacy', `${host}.4`, { meshed: false, identity: null }),
    ]
    expect(() => start(instances, filter)).toThrow(expect.objectContaining({ code }))
  })

  test('asks proxies for what the filter says', async () => {
    const { proxy, instance } = await meshedPod('web-0', 'web', 2)
    start([instance, testInstance('catalog-0', 'catalog', `${host}.9`)], {
      resource: 'deploy/web',
      to: 'deploy/catalog',
      method: 'post',
      path: '/items',
    })
    await untilWatched(proxy)
    const { match } = proxy.asked[0] ?? {}
    const parts = match?.match.case === 'all' ? match.match.value.matches : []
    expect(parts.map(part => part.match.case)).toEqual(['http', 'http', 'any'])
    expect(JSON.stringify(parts)).toContain('"key":"deployment","value":"catalog"')
  })
})
