import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import { createTestMesh, latencyAt, runTestTraffic, type TestCell, type TestMesh } from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
})

const ofRoute = (route: string, count: number): TestCell => ({
  key: {
    view: 'route',
    direction: 'outbound',
    service: 'shop/users',
    authority: 'users.shop.svc.cluster.local:80',
    route,
  },
  success: count - 1,
  failure: 1,
  latency: latencyAt(20, count),
})

describe('golden of a route', () => {
  beforeEach(() => {
    runTestTraffic(mesh, 6)
    mesh.scrape('web-0', [ofRoute('GET /api/users', 10), ofRoute('', 3)])
    mesh.scrape('catalog-0', [ofRoute('GET /api/users', 5)])
    mesh.settle()
  })

  test('is what its callers counted, of the service and of each of them', async () => {
    const route = 'GET /api/users'
    const service = await golden.ask('golden', { resource: 'svc/users', namespace: 'shop', route })
    expect(service.rows).toMatchObject([
      {
        id: 'shop/service/users',
        golden: { requests: 15 },
        tcp: { open: null },
        mtlsRate: null,
        denied: null,
      },
    ])
    expect(service.note).toContain('Routes are counted by the proxies of callers')
    const to = { to: 'svc/users', toNamespace: 'shop', route }
    const callers = await golden.ask('golden', { resource: 'workload', namespace: '_all', ...to })
    expect(callers.rows.map(({ id, golden: { requests } }) => [id, requests])).toEqual([
      ['shop/deployment/catalog', 5],
      ['shop/deployment/web', 10],
    ])
    const pods = await golden.ask('golden', { resource: 'po', ...to })
    expect(pods.rows.map(({ id }) => id)).toEqual(['shop/pod/catalog-0', 'shop/pod/web-0'])
    const from = await golden.ask('golden', { resource: 'svc/users', from: 'deploy/web', route })
    expect(from.rows[0]?.golden.requests).toBe(10)
    const picked = await golden.ask('golden', { resource: 'workload', ...to, selector: 'app=web' })
    expect(picked.rows.map(({ id }) => id)).toEqual(['shop/deployment/web'])
  })

  test('is that of the requests that match none, for [DEFAULT]', async () => {
    const route = '[DEFAULT]'
    const users = await golden.ask('golden', { resource: 'svc/users', route })
    expect(users.rows[0]?.golden.requests).toBe(3)
    const catalog = await golden.ask('golden', { resource: 'svc/catalog', route })
    expect(catalog.rows[0]?.golden.requests).toBeNull()
    expect(catalog.coverage).toMatchObject({ expected: 4, answered: 4 })
    const all = await golden.ask('golden', { resource: 'svc', route })
    expect(all.rows.map(({ id }) => id)).toEqual(['shop/service/users'])
  })

  test('is idle, when the profile has it and nobody used it', async () => {
    const users = await golden.ask('golden', { resource: 'svc/users', route: 'idle' })
    expect(users.rows[0]?.golden).toMatchObject({ requests: 0, successRate: null })
  })

  test('comes in steps', async () => {
    const { rows } = await golden.ask('series', { resource: 'svc/users', route: '[DEFAULT]', step: '10s' })
    const points = rows[0]?.points ?? []
    expect(points.map(({ requests }) => requests)).toEqual([null, null, null, 0, 0, 0, 3])
    expect(points.at(-1)?.tcp).toEqual({ open: null, readBytesPerSecond: null, writeBytesPerSecond: null })
  })

  test.each([
    [{ resource: 'svc/users', route: 'nothing' }, 'UNKNOWN_ROUTE', 'GET /api/users, [DEFAULT], idle'],
    [{ resource: 'deploy/users', route: 'idle' }, 'CONFLICTING_PARAMETERS', 'to=svc/users'],
    [{ resource: 'deploy/web', to: 'deploy/users', route: 'idle' }, 'CONFLICTING_PARAMETERS', 'svc'],
  ])('is refused for %j with %s', async (query, code, hint) => {
    await expect(golden.ask('golden', query)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    })
  })
})
