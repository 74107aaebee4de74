import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import { createTestMesh, latencyAt, runTestTraffic, type TestMesh } from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
})

describe('routes', () => {
  test('has every route of the profile, idle ones too, before and after retries', async () => {
    mesh.pass()
    mesh.scrape('web-0', [
      {
        key: {
          view: 'route',
          direction: 'outbound',
          service: 'shop/users',
          authority: 'users.shop.svc.cluster.local:80',
          route: 'GET /api/users',
        },
        success: 10,
        latency: latencyAt(10, 10),
        actualSuccess: 10,
        actualFailure: 5,
      },
    ])
    mesh.settle()
    const { rows } = await golden.ask('routes', { resource: 'svc/users' })
    expect(rows.map(({ id }) => id)).toEqual([
      'shop/service/users GET /api/users',
      'shop/service/users [DEFAULT]',
      'shop/service/users idle',
    ])
    expect(rows[0]).toMatchObject({
      effective: { requests: 10, successRate: 1 },
      actual: { requests: 15, latencyMs: { p50: null } },
      retryable: true,
      timeoutMs: 300,
    })
    expect(rows[0]?.actual.successRate).toBeCloseTo(10 / 15)
    expect(rows[2]).toMatchObject({ effective: { requests: 0, successRate: null } })
    const to = await golden.ask('routes', { resource: 'deploy/web', to: 'svc/users' })
    expect(to.rows[0]?.effective.requests).toBe(10)
  })

  test('know nothing, where nobody counts', async () => {
    runTestTraffic(mesh)
    const catalog = await golden.ask('routes', { resource: 'svc/catalog' })
    expect(catalog.rows).toMatchObject([
      { route: '[DEFAULT]', effective: { requests: null, successRate: null }, actual: { requests: null } },
    ])
    expect(catalog.note).toContain('Routes are counted by the proxies of callers')
  })

  test('are those of all services of a namespace, or of the services in front of a workload', async () => {
    const key = {
      view: 'route',
      service: 'shop/users',
      authority: 'users.shop.svc.cluster.local:80',
      route: 'GET /api/users',
    } as const
    mesh.pass()
    mesh.scrape('web-0', [{ key: { ...key, direction: 'outbound' }, success: 10, actualSuccess: 12 }])
    mesh.settle()
    const ask = async (query: Record<string, string>) => golden.ask('routes', query)
    const ids = [
      'shop/service/users GET /api/users',
      'shop/service/users [DEFAULT]',
      'shop/service/users idle',
    ]
    for (const query of [
      { resource: 'ns/shop' },
      { resource: 'svc', namespace: 'shop' },
      { resource: 'mesh' },
    ]) {
      const { rows } = await ask(query)
      expect(rows.map(({ id }) => id)).toEqual(['shop/service/catalog [DEFAULT]', ...ids])
      expect(rows[1]).toMatchObject({ effective: { requests: 10 }, actual: { requests: 12 } })
    }
    expect((await ask({ resource: 'ns/batch' })).rows).toEqual([])
    const shared = await ask({ resource: 'deploy/users', namespace: 'shop' })
    expect(shared.rows.map(({ id }) => id)).toEqual(ids)
    expect(shared.rows[0]).toMatchObject({ effective: { requests: 10 }, actual: { requests: 12 } })
    expect(shared.note).toContain('whichever workload behind them answered')
    mesh.pass()
    mesh.scrape('users-0', [{ key: { ...key, direction: 'inbound' }, success: 7 }])
    mesh.settle()
    const own = await ask({ resource: 'deploy/users', namespace: 'shop' })
    expect(own.rows[0]).toMatchObject({ effective: { requests: 7 }, actual: { requests: null } })
    expect(own.note).not.toContain('whichever')
    expect(own.coverage.expected).toBe(1)
  })
})
