import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { TapFilter } from '#lib/api/tap.ts'
import { testInstance } from '#lib/resources/test-state.ts'
import { host, paths, stateOf, TestTaps, until, untilWatched } from './test-tap.ts'

let taps: TestTaps
beforeAll(async () => {
  taps = await TestTaps.open()
})
afterEach(() => taps.closeAll())
afterAll(() => taps.remove())

describe('Taps.start()', () => {
  test('tells each request once, though many streams of a proxy follow each other', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    const { sink } = taps.start([instance], { maxRps: 500 })
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
    const web = await taps.meshedPod('web-0', 'web', 2)
    const catalog = await taps.meshedPod('catalog-0', 'catalog', 3)
    const { sink } = taps.start([web.instance, catalog.instance], { extract: 'headers' })
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
    const web = await taps.meshedPod('web-0', 'web', 2)
    const catalog = await taps.meshedPod('catalog-0', 'catalog', 3)
    const { sink } = taps.start([web.instance, catalog.instance])
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
    const web = await taps.meshedPod('web-0', 'web', 2)
    const catalog = await taps.meshedPod('catalog-0', 'catalog', 3)
    const { sink, tap } = taps.start([web.instance, catalog.instance])
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
    expect(() => taps.start(instances, filter)).toThrow(expect.objectContaining({ code }))
  })

  test('asks proxies for what the filter says', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    taps.start([instance, testInstance('catalog-0', 'catalog', `${host}.9`)], {
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
