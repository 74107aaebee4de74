import { expect, test } from 'vitest'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import { createGolden } from './golden.ts'
import { createTestMesh, testIntervalMs, toWorkload } from './test-mesh.ts'

test('a service that is split has the requests that others answered in its place, and these have them too', async () => {
  const mesh = createTestMesh(createMemoryStore({ intervalMs: testIntervalMs }))
  const backends = [{ service: 'catalog', weight: 1 }]
  const split = { namespace: 'shop', name: 'users', service: 'users', backends }
  const state = { ...mesh.platform.current(), splits: [split] }
  const golden = createGolden({ ...mesh, platform: { ...mesh.platform, current: () => state } })
  const authority = 'users.shop.svc.cluster.local:80'
  mesh.pass()
  mesh.scrape('web-0', [
    { key: toWorkload('catalog', { authority }), success: 8, failure: 2 },
    { key: toWorkload('catalog'), success: 5 },
    { key: toWorkload('users', { authority }), success: 1 },
  ])
  mesh.settle()
  const requests = async (resource: string) => {
    const { rows } = await golden.ask('golden', { resource, namespace: 'shop' })
    return rows.map(({ golden: { requests: counted }, id, mtlsRate }) => [id, counted, mtlsRate])
  }
  expect(await requests('svc')).toEqual([
    ['shop/service/catalog', 15, 1],
    ['shop/service/users', 11, 1],
  ])
  expect(await requests('svc/users')).toEqual([['shop/service/users', 11, 1]])
  expect(await requests('svc/catalog')).toEqual([['shop/service/catalog', 15, 1]])
  await mesh.store.close()
})
