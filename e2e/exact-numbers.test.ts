import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Child, startChild } from '#demo/launch/child.ts'
import type { EdgesAnswer } from '#lib/api/edges.ts'
import type { GoldenAnswer, GoldenRow } from '#lib/api/golden.ts'
import type { ProxiesAnswer } from '#lib/api/inventory.ts'
import type { SeriesAnswer } from '#lib/api/series.ts'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import { findTools } from '#scripts/find-tools.ts'
import { type RunningPrometheus, startPrometheus } from './support/prometheus.ts'
import { api, getThrough } from './support/requests.ts'
import { makeTestMesh, type TestMesh } from './support/test-mesh.ts'
import { until } from './support/until.ts'

/** What is sent: the middle of a latency bucket, a status, how often. */
const plan = [
  { latencyMs: 7, status: 200, times: 160 },
  { latencyMs: 25, status: 404, times: 20 },
  { latencyMs: 250, status: 500, times: 14 },
  { latencyMs: 2500, status: 503, times: 6 },
]
const sent = plan.reduce((sum, { times }) => sum + times, 0)
const succeeded = plan.filter(({ status }) => status < 500).reduce((sum, { times }) => sum + times, 0)

const tools = findTools('prometheus')

describe('a counted burst', () => {
  let test_: TestMesh
  let base: string
  let span: string
  let startS: number
  let prometheus: RunningPrometheus | null = null
  /** A server whose numbers that has. */
  let remote: Child | null = null
  const seenByClient: { readonly startedAtMs: number; readonly endedAtMs: number }[] = []

  beforeAll(async () => {
    test_ = await makeTestMesh({
      pods: [
        { name: 'client', host: 2 },
        { name: 'server-a', app: 'server', host: 3 },
        { name: 'server-b', app: 'server', host: 4 },
      ],
    })
    for (const pod of ['server-a', 'server-b']) {
      await test_.serve(pod, (request, response) => {
        const [, status, latencyMs] = (request.url ?? '').split('/')
        const dueMs = performance.now() + Number(latencyMs)
        setTimeout(
          () => {
            // Timers are late by up to some ms, which in the lowest bucket is much: the rest is waited for here.
            while (performance.now() < dueMs);
            response.writeHead(Number(status)).end('done')
          },
          Math.max(0, Number(latencyMs) - 3),
        )
      })
    }
    base = await test_.mesh.start()
    const proxiesUp = () => api<{ rows: { state: string }[] }>(base, '/proxies')
    await until('every proxy to be scraped', async () =>
      (await proxiesUp()).rows.every(row => row.state === 'up'),
    )
    const client = test_.instance('client')
    // The first request opens the connections; it is counted before the span begins.
    await until('the path to work', async () => (await getThrough(client, 'server', '/200/0')).status === 200)
    await until('it to be scraped', async () => {
      const answer = await api<GoldenAnswer>(base, '/golden?resource=deploy/server&namespace=test&window=1m')
      return answer.rows[0]?.golden.requests
    })
    if (!tools.areMissing) {
      const directory = join(dirname(test_.meshFile), 'prometheus')
      prometheus = await startPrometheus(base, directory)
      remote = await startRemote(test_.meshFile, directory, prometheus.url)
      await until('Prometheus to read it', () => isReadAfter(0))
    }
    const start = Math.ceil(Date.now() / 1000) + 1
    startS = start
    await delay(start * 1000 - Date.now())
    // Each latency is a lane of its own and the quick ones go one after the other, so that no request waits for
    // another; the slow ones overlap.
    const lanes = plan.map(async ({ status, latencyMs, times }) => {
      const lane: Promise<number>[] = []
      for (let index = 0; index < times; index++) {
        const startedAtMs = Date.now()
        const asked = getThrough(client, 'server', `/${status}/${latencyMs}`).then(answer => {
          seenByClient.push({ startedAtMs, endedAtMs: Date.now() })
          return answer.status
        })
        lane.push(asked)
        await (latencyMs < 100 ? asked : delay(20))
      }
      return Promise.all(lane)
    })
    const statuses = (await Promise.all(lanes)).flat()
    expect(statuses.filter(status => status < 500)).toHaveLength(succeeded)
    expect(statuses).toHaveLength(sent)
    // Two scrapes later, what was counted has been read.
    const end = Math.ceil(Date.now() / 1000) + 3
    await delay(end * 1000 - Date.now() + 500)
    span = `start=${start}&end=${end}`
    const lastEndedMs = Math.max(...seenByClient.map(({ endedAtMs }) => endedAtMs))
    if (remote) await until('Prometheus to have read it all', () => isReadAfter(lastEndedMs))
  }, 120_000)

  afterAll(async () => {
    await remote?.stop()
    await prometheus?.stop()
    await test_.close()
  })

  /** Whether Prometheus has read every proxy since a moment. */
  async function isReadAfter(atMs: number): Promise<boolean> {
    const { rows } = await remoteApi<ProxiesAnswer>('/proxies')
    return rows.every(({ lastScrapeAt }) => lastScrapeAt !== null && Date.parse(lastScrapeAt) > atMs)
  }

  function remoteApi<T>(path: string): Promise<T> {
    return api<T>(remote?.facts.url ?? '', path)
  }

  /**
   * The quantile lies in the injected bucket, or as much above it as this machine was late: no lower than the
   * bucket of what was injected, no higher than that of what the client itself saw.
   */
  function expectQuantile(quantileMs: number | null | undefined, injectedMs: number, q: number): void {
    const tookMs = seenByClient.map(({ startedAtMs, endedAtMs }) => endedAtMs - startedAtMs)
    const seenMs = tookMs.toSorted((x, y) => x - y)[Math.ceil(q * sent) - 1] ?? 0
    const lowestMs = linkerdLatencyBoundsMs.findLast(bound => bound < injectedMs) ?? 0
    const highestMs = linkerdLatencyBoundsMs.find(bound => bound >= seenMs) ?? Number.POSITIVE_INFINITY
    expect(quantileMs).toBeGreaterThan(lowestMs)
    expect(quantileMs).toBeLessThanOrEqual(highestMs)
  }

  function expectExact(row: Pick<GoldenRow, 'golden'> | undefined): void {
    const { requests, successRate, latencyMs } = row?.golden ?? {}
    expect(requests).toBe(sent)
    expect(successRate).toBe(succeeded / sent)
    expectQuantile(latencyMs?.p50, 7, 0.5)
    expectQuantile(latencyMs?.p95, 250, 0.95)
    expectQuantile(latencyMs?.p99, 2500, 0.99)
  }

  test('/golden has exactly what was sent, inbound', async () => {
    const answer = await api<GoldenAnswer>(base, `/golden?resource=deploy/server&namespace=test&${span}`)
    expect(answer.rows).toHaveLength(1)
    expectExact(answer.rows[0])
    expect(answer.coverage).toMatchObject({ expected: 2, answered: 2, missing: [] })
  })

  test('/golden has exactly what was sent, from the client to the server', async () => {
    const answer = await api<GoldenAnswer>(
      base,
      `/golden?resource=deploy/client&namespace=test&to=deploy/server&${span}`,
    )
    expectExact(answer.rows.find(row => row.id === 'test/deployment/client'))
  })

  test('/golden has exactly what was sent, to the server from the client', async () => {
    const answer = await api<GoldenAnswer>(
      base,
      `/golden?resource=deploy/server&namespace=test&from=deploy/client&${span}`,
    )
    expectExact(answer.rows.find(row => row.id === 'test/deployment/server'))
  })

  test('/golden has exactly what was sent, counted at the service', async () => {
    const answer = await api<GoldenAnswer>(base, `/golden?resource=svc/server&namespace=test&${span}`)
    expectExact(answer.rows[0])
  })

  test('/edges has exactly what was sent, on the one edge', async () => {
    const answer = await api<EdgesAnswer>(base, `/edges?resource=deploy&namespace=test&${span}`)
    expect(answer.rows.map(edge => edge.id)).toEqual(['test/deployment/client>test/deployment/server'])
    expectExact(answer.rows[0])
    expect(answer.rows[0]?.disagreement).toBeUndefined()
  })

  test('/golden of the two pods adds up to what was sent', async () => {
    const answer = await api<GoldenAnswer>(base, `/golden?resource=pod&namespace=test&${span}`)
    const servers = answer.rows.filter(row => row.resource.name.startsWith('server-'))
    expect(servers).toHaveLength(2)
    expect(servers.reduce((sum, row) => sum + (row.golden.requests ?? 0), 0)).toBe(sent)
  })

  test
    .skipIf(tools.areMissing)
    .each([
      '/golden?resource=deploy&namespace=test',
      '/golden?resource=pod&namespace=test',
      '/golden?resource=svc/server&namespace=test',
      '/golden?resource=deploy/client&namespace=test&to=deploy/server',
      '/edges?resource=deploy&namespace=test',
      '/topology?groupBy=workload&namespace=test',
      '/routes?resource=svc/server&namespace=test',
      '/statuses?resource=deploy/server&namespace=test',
      '/policies?namespace=test',
    ])(
    `%s is the same from Prometheus, where no request is on its way at the ends${tools.note}`,
    async path => {
      const [ours, theirs] = [await api(base, `${path}&${span}`), await remoteApi(`${path}&${span}`)]
      expect(counted(theirs)).toEqual(counted(ours))
    },
  )

  test.skipIf(tools.areMissing)(
    `/series and /golden of a part are those of Prometheus, but for what one scrape interval holds${tools.note}`,
    async () => {
      const series = `/series?resource=deploy/server&namespace=test&${span}&step=2s`
      for (const answer of [await api<SeriesAnswer>(base, series), await remoteApi<SeriesAnswer>(series)]) {
        const requests = answer.rows[0]?.points.map(point => point.requests ?? 0) ?? []
        expect(requests.length).toBeGreaterThan(2)
        expect(requests.reduce((sum, count) => sum + count, 0)).toBe(sent)
      }
      const cutMs = (startS + 2) * 1000
      const part = `/golden?resource=deploy/server&namespace=test&start=${startS}&end=${startS + 2}`
      for (const answer of [await api<GoldenAnswer>(base, part), await remoteApi<GoldenAnswer>(part)]) {
        const readAtMs = Date.parse(answer.coverage.oldestSampleAt ?? '')
        const ended = seenByClient.filter(({ endedAtMs }) => endedAtMs < readAtMs).length
        // Prometheus says of a scrape when it began, and gives it a second.
        const begun = seenByClient.filter(({ startedAtMs }) => startedAtMs < cutMs + 1000).length
        const requests = answer.rows[0]?.golden.requests
        expect(requests).toBeGreaterThanOrEqual(ended)
        expect(requests).toBeLessThanOrEqual(begun)
      }
    },
  )
})

/** A server that asks the Prometheus at `url`. */
function startRemote(meshFile: string, directory: string, url: string): Promise<Child> {
  const roles = ['--roles', 'collect,web', '--mesh-file', meshFile, '--data-dir', join(directory, 'server')]
  const numbers = ['--store', 'prometheus', '--prometheus-url', url, '--scrape-interval', '1s', '--port', '0']
  return startChild({
    name: 'remote',
    args: [resolve(import.meta.dirname, '../dist/server.js'), ...roles, ...numbers],
    logFile: join(directory, 'server.log'),
    ready: /^web ready url=(?<url>\S+)/,
  })
}

/** An answer without what depends on the moments of scrapes: rates, and what is open. */
function counted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(counted)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !/^(rps|open|span|coverage|.*PerSecond)$/.test(name))
  return Object.fromEntries(kept.map(([name, each]) => [name, counted(each)]))
}
