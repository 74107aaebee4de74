import { afterEach, expect, test, vi } from 'vitest'
import { closeAll, counted, exposition, instance, serve, start, stateOf, stop } from './test-collector.ts'

afterEach(closeAll)

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
  body = '{\n'.repeat(100_000) + exposition(900, startedAtMs)
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

test('startCollector() leaves out a proxy with too many series, says so once, and goes on where it stopped', async () => {
  let [series, count] = [3, 5]
  const startedAtMs = Date.now() + 1_000
  const others = () => Array.from({ length: series - 2 }, (_, i) => `other{l="${i}"} 1\n`).join('')
  const grown = await serve((_, response) => response.end(others() + exposition(count, startedAtMs)))
  const steady = await serve((_, response) => response.end(exposition(7, startedAtMs)))
  const said: string[] = []
  const log = (level: string, message: string) => said.push(`${level} ${message}`)
  const { platform, collector, deltas, registry } = start({ series: { perTarget: 10, total: 12 }, log })
  platform.set(instance('web-0', grown.port), instance('web-1', steady.port))
  await vi.waitUntil(() => counted(deltas, 'web-0') === 5 && counted(deltas, 'web-1') === 7)
  series = 11
  await vi.waitUntil(() => stateOf(collector, 'web-0')?.state === 'down')
  expect(stateOf(collector, 'web-0')?.error).toMatch(
    /^Cannot scrape http:.*: expected at most 10 series, got more; see which label .* --max-series-per-proxy/,
  )
  expect(await registry.metrics()).toContain('meshscope_scrape_failures_total{code="SCRAPE_TOO_MANY_SERIES"}')
  const scrapes = () => deltas.filter(({ pod }) => pod === 'web-1').length
  const before = scrapes()
  await vi.waitUntil(() => scrapes() > before + 12, 5_000)
  expect(said).toEqual([expect.stringMatching(/^warn Left out shop\/web-0: Cannot scrape http/)])
  count = 9
  series = 10
  await vi.waitUntil(() => counted(deltas, 'web-0') === 9, 5_000)
  expect(said.slice(1)).toEqual(['info Count shop/web-0 again'])
  expect(await registry.metrics()).toContain('meshscope_scrape_series 12')
})
