import { afterEach, expect, test } from 'vitest'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import { createGolden } from './golden.ts'
import { createTestMesh, latencyAt, type TestMesh, testIntervalMs, toWorkload } from './test-mesh.ts'

let mesh: TestMesh
afterEach(() => mesh.store.close())

const split = {
  namespace: 'shop',
  name: 'canary',
  service: 'catalog',
  backends: [
    { service: 'catalog', weight: 0.9 },
    { service: 'users', weight: 0.1 },
    { service: 'web', weight: 0 },
  ],
}

function start(changed: Partial<MeshState>) {
  mesh = createTestMesh(createMemoryStore({ intervalMs: testIntervalMs }), changed)
  const apex = 'catalog.shop.svc.cluster.local:80'
  mesh.pass()
  mesh.scrape('web-0', [
    { key: toWorkload('catalog'), success: 60, latency: latencyAt(10, 60) },
    { key: toWorkload('users', { authority: apex }), success: 10, failure: 10 },
    { key: toWorkload('users'), success: 1_000 },
  ])
  mesh.settle()
  return createGolden(mesh)
}

test('splits tell the share asked and the share seen of each backend, counting what asked for the apex', async () => {
  const { rows } = await start({ splits: [split] }).ask('splits', { namespace: 'shop', window: '10s' })
  expect(rows).toMatchObject([
    {
      id: 'shop/canary catalog',
      apex: 'catalog',
      weight: 0.9,
      asked: 0.9,
      seen: 0.75,
      total: 80,
      golden: { requests: 60 },
    },
    { leaf: 'users', asked: 0.1, seen: 0.25, golden: { requests: 20, successRate: 0.5 } },
    { leaf: 'web', asked: 0, seen: 0, golden: { requests: 0 } },
  ])
  expect((await start({ splits: [split] }).ask('splits', { namespace: 'batch' })).rows).toEqual([])
})

test('splits of a ServiceProfile go before a TrafficSplit of the same service', async () => {
  const profile = {
    namespace: 'shop',
    name: 'catalog.shop.svc.cluster.local',
    routes: [],
    retryBudget: null,
    opaquePorts: [],
    dstOverrides: [{ authority: 'api.batch.svc.cluster.local:80', weight: 0 }],
  }
  const { rows } = await start({ splits: [split], profiles: [profile] }).ask('splits', {})
  expect(rows).toMatchObject([
    { split: 'catalog.shop.svc.cluster.local', apex: 'catalog', leaf: 'api.batch', asked: null, seen: null },
  ])
})
