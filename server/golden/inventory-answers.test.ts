import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import { createTestMesh, runTestTraffic, type TestMesh } from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
})

describe('inventory', () => {
  test('lists workloads and proxies', async () => {
    runTestTraffic(mesh, 2)
    const workloads = await golden.ask('workloads', { namespace: 'shop' })
    expect(workloads.rows.map(({ id, services }) => [id, services])).toEqual([
      ['shop/deployment/catalog', ['shop/catalog']],
      ['shop/deployment/users', ['shop/users']],
      ['shop/deployment/web', []],
    ])
    const proxies = await golden.ask('proxies', {})
    expect(proxies.rows.map(({ id, state }) => [id, state])).toEqual([
      ['shop/catalog-0', 'up'],
      ['shop/catalog-1', 'up'],
      ['shop/users-0', 'up'],
      ['shop/web-0', 'up'],
    ])
  })

  test('lists services with their routes, and namespaces', async () => {
    const services = await golden.ask('services', { namespace: 'shop' })
    expect(services.rows).toEqual([
      {
        id: 'shop/service/catalog',
        service: { namespace: 'shop', kind: 'service', name: 'catalog' },
        ports: [{ name: 'http', port: 80, targetPort: '8080' }],
        workloads: ['shop/deployment/catalog'],
        meshed: { running: 2, total: 2 },
        routes: null,
      },
      expect.objectContaining({ id: 'shop/service/users', routes: ['GET /api/users', 'idle'] }),
    ])
    const namespaces = await golden.ask('namespaces', {})
    expect(namespaces.rows).toEqual([
      {
        id: 'namespace/batch',
        namespace: 'batch',
        meshed: { running: 0, total: 1 },
        workloads: 1,
        services: 0,
      },
      {
        id: 'namespace/shop',
        namespace: 'shop',
        meshed: { running: 4, total: 4 },
        workloads: 3,
        services: 2,
      },
    ])
    expect((await golden.ask('namespaces', { namespace: 'batch' })).rows).toHaveLength(1)
  })
})
