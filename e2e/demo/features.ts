import { expect, test } from 'vitest'
import { api } from '#e2e/support/requests.ts'
import { untilInDemo as until } from '#e2e/support/until.ts'
import type { EdgesAnswer } from '#lib/api/edges.ts'
import type { PoliciesAnswer } from '#lib/api/policies.ts'
import type { RoutesAnswer } from '#lib/api/routes.ts'
import type { SplitsAnswer } from '#lib/api/splits.ts'
import type { StatusesAnswer } from '#lib/api/statuses.ts'
import type { Counts, SharedDemo } from './shared-demo.ts'

/** Tests of each thing that the sample mesh has to show, one at a time or all at once. */
export function featuresTests(demo: SharedDemo): void {
  /** What checkout saw of payments, and what both replicas of payments did. */
  async function look(): Promise<{ client: Counts; app: Counts }> {
    const [client, ...replicas] = await Promise.all([8, 12, 13].map(host => demo.countsOf(host)))
    const sum = (of: (one: Counts) => number) => replicas.reduce((total, one) => total + of(one), 0)
    return {
      client: client ?? { ended: 0, succeeded: 0 },
      app: { ended: sum(one => one.ended), succeeded: sum(one => one.succeeded) },
    }
  }

  test('calls and streams of gRPC by their routes, with the status that gRPC gave', async () => {
    const rows = await until('both routes of cart', async () => {
      const answer = await api<RoutesAnswer>(demo.base, '/routes?resource=svc/cart&namespace=shop&window=10s')
      // On a busy machine callers give up on some of the first.
      const used = answer.rows.filter(({ effective }) => effective.successRate === 1)
      return used.length === 2 && used
    })
    expect(rows.map(({ route }) => route)).toEqual(['Carts/Get', 'Carts/ListItems'])
    const { rows: statuses } = await api<StatusesAnswer>(
      demo.base,
      '/statuses?resource=deploy/cart&namespace=shop&window=1m',
    )
    // On a busy machine some have other statuses, of callers that gave up or proxies that did: those gRPC did not give.
    const given = statuses.filter(({ status }) => status === '200')
    expect(given.filter(({ grpcStatus }) => grpcStatus === undefined)).toEqual([])
    expect(given.find(({ grpcStatus }) => grpcStatus === '0')).toMatchObject({ classification: 'success' })
  })

  test('the feed of web as a WebSocket', async () => {
    await until('a reader that has left', async () => {
      const { rows } = await api<StatusesAnswer>(
        demo.base,
        '/statuses?resource=deploy/web&namespace=shop&window=1m',
      )
      return rows.some(({ status, requests }) => status === '101' && requests > 0)
    })
  })

  test('connections to the cache that are not HTTP, secured, with their bytes', async () => {
    const edge = await until('bytes of the cache', async () => {
      const { rows } = await api<EdgesAnswer>(demo.base, '/edges?resource=workload&namespace=shop&window=30s')
      const found = rows.find(({ id }) => id === 'shop/deployment/catalog>shop/statefulset/cache')
      return (found?.tcp.readBytesPerSecond ?? 0) > 0 && found
    })
    expect(edge).toMatchObject({ mtls: 'all', secured: true, golden: { requests: 0 } })
    expect(edge.tcp.open).toBeGreaterThan(0)
  })

  test('who asks more often than the rate limit of a port allows, and nobody else', async () => {
    const row = await until('limited requests', async () => {
      const { rows } = await api<PoliciesAnswer>(demo.base, '/policies?namespace=shop&window=1m')
      const found = rows.find(({ server }) => server.name === 'users-http')
      return (found?.limited.count ?? 0) > 5 && found
    })
    expect(row.rateLimit).toMatchObject({ name: 'users-calm', totalPerSecond: 60, identityPerSecond: 3 })
    const refused = row.refused.map(({ source, limited }) => [source.name, limited > 0])
    expect(refused).toEqual([['legacy-batch', true]])
    expect(row.denied.count).toBe(0)
  })

  test('that retries raise what callers saw of payments over what it did, as both counted themselves', async () => {
    await until('charges', async () => (await look()).client.ended > 0)
    const startSecond = Math.ceil(Date.now() / 1000)
    const before = await look()
    await until('100 charges', async () => (await look()).client.ended - before.client.ended > 100)
    const end = Math.floor(Date.now() / 1000)
    const after = await look()
    const path = '/routes?resource=deploy/checkout&namespace=shop&to=svc/payments&toNamespace=payments'
    const { effective, actual } = await until('all of it to be read', async () => {
      const answer = await api<RoutesAnswer>(demo.base, `${path}&start=${startSecond}&end=${end}`)
      const sum = (of: (row: RoutesAnswer['rows'][number]) => number) =>
        answer.rows.reduce((total, row) => total + of(row), 0)
      const tally = (side: 'effective' | 'actual') => ({
        requests: sum(row => row[side].requests ?? 0),
        failed: sum(row => (row[side].requests ?? 0) * (1 - (row[side].successRate ?? 1))),
      })
      const now = { effective: tally('effective'), actual: tally('actual') }
      return now.effective.requests > 75 && now
    })
    const client = {
      ended: after.client.ended - before.client.ended,
      failed: after.client.ended - before.client.ended - (after.client.succeeded - before.client.succeeded),
    }
    const app = {
      ended: after.app.ended - before.app.ended,
      failed: after.app.ended - before.app.ended - (after.app.succeeded - before.app.succeeded),
    }
    // What was under way at either end, and the part of a second that the span leaves out.
    const margin = 24
    expect(Math.abs(effective.requests - client.ended)).toBeLessThan(margin)
    expect(Math.abs(effective.failed - client.failed)).toBeLessThan(margin / 2)
    expect(Math.abs(actual.requests - app.ended)).toBeLessThan(margin)
    // Attempts that took too long count as failed, though the app knows nothing of that.
    expect(actual.failed).toBeGreaterThan(app.failed - margin / 2)
    expect(actual.requests).toBeGreaterThan(effective.requests)
    expect(1 - effective.failed / effective.requests).toBeGreaterThan(1 - actual.failed / actual.requests)
  })

  test('a split whose shares are those asked for, within what chance allows', async () => {
    const { rows } = await until('200 recommendations', async () => {
      const answer = await api<SplitsAnswer>(demo.base, '/splits?namespace=shop&window=5m')
      return answer.rows.reduce((sum, { golden }) => sum + (golden.requests ?? 0), 0) > 200 && answer
    })
    expect(rows.map(({ leaf, asked }) => [leaf, asked])).toEqual([
      ['recommendations-v1', 0.9],
      ['recommendations-v2', 0.1],
    ])
    const requests = rows.reduce((sum, { golden }) => sum + (golden.requests ?? 0), 0)
    const deviation = Math.sqrt((0.9 * 0.1) / requests)
    for (const { asked, seen } of rows) {
      // More than that happens once in a million times.
      expect(Math.abs((seen ?? 0) - (asked ?? 0))).toBeLessThan(5 * deviation)
    }
  })
}
