import { afterEach, expect, test, vi } from 'vitest'
import { closeAll, counted, exposition, instance, serve, start, stateOf } from './test-collector.ts'

afterEach(closeAll)

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
