import { expect, test } from 'vitest'
import type { ServiceRow } from '#lib/api/inventory.ts'
import type { RouteRow } from '#lib/api/routes.ts'
import { toldRoutes } from './told-routes.ts'

const golden = { requests: 1, rps: 1, successRate: 1, latencyMs: { p50: 1, p95: 1, p99: 1 } }

function service(name: string, routes: ServiceRow['routes']): ServiceRow {
  return {
    id: `shop/service/${name}`,
    service: { namespace: 'shop', kind: 'service', name },
    ports: [],
    workloads: [],
    meshed: { running: 1, total: 1 },
    routes,
  }
}

function route(name: string, of: string): RouteRow {
  return {
    id: `shop/service/${of} ${name}`,
    route: name,
    service: of,
    namespace: 'shop',
    effective: golden,
    actual: golden,
    retryable: false,
    timeoutMs: null,
  }
}

test('toldRoutes() leaves out what a service without a profile cannot tell, and names that service', () => {
  const rows = [route('GET /', 'web'), route('[DEFAULT]', 'web'), route('[DEFAULT]', 'users')]
  const told = toldRoutes(rows, [service('web', ['GET /']), service('users', null)])
  expect(told.rows).toEqual(rows.slice(0, 2))
  expect(told.bare.map(({ name }) => name)).toEqual(['users'])
})

test('toldRoutes() keeps to the services it is given, when there are routes of others', () => {
  expect(toldRoutes([route('GET /', 'web')], [service('cart', [])]).rows).toEqual([])
})

test('toldRoutes() has no rows yet, while either is on its way', () => {
  expect(toldRoutes(null, [])).toEqual({ rows: null, bare: [] })
  expect(toldRoutes([], null)).toEqual({ rows: null, bare: [] })
})
