import { afterEach, beforeEach, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import {
  createTestMesh,
  identityOf,
  latencyAt,
  runTestTraffic,
  type TestCell,
  type TestMesh,
  testIntervalMs,
  toWorkload,
} from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
})

const route = (service: string, name: string): TestCell['key'] => ({
  view: 'route',
  direction: 'outbound',
  service: `shop/${service}`,
  authority: `${service}.shop.svc.cluster.local:80`,
  route: name,
})
const edgesTo = async (destination: string) => {
  const { edges } = await golden.ask('topology', {})
  return edges.filter(edge => edge.destination === `shop/deployment/${destination}`)
}

test('edges tell what callers saw after retries beside the attempts', async () => {
  mesh.pass()
  mesh.scrape('web-0', [
    { key: toWorkload('users'), success: 10, failure: 5, latency: latencyAt(10, 15) },
    { key: route('users', 'GET'), success: 7, latency: latencyAt(20, 7), actualSuccess: 7, actualFailure: 4 },
    {
      key: route('users', ''),
      success: 3,
      failure: 1,
      latency: latencyAt(20, 4),
      actualSuccess: 3,
      actualFailure: 1,
    },
  ])
  mesh.settle()
  const [edge] = await edgesTo('users')
  expect(edge).toMatchObject({
    golden: { requests: 15 },
    effective: { requests: 11, successRate: 10 / 11 },
    retries: 4,
  })
  expect(edge?.effective?.latencyMs.p50).toBeGreaterThan(10)
  expect(edge?.effective?.rps).toBeCloseTo(11 / (testIntervalMs / 1000))
  const { rows } = await golden.ask('edges', { resource: 'deploy' })
  expect(rows.find(({ id }) => id === edge?.id)).toMatchObject({ effective: edge?.effective, retries: 4 })
  const services = await golden.ask('topology', { groupBy: 'service' })
  expect(services.edges).toMatchObject([{ destination: 'shop/service/users', retries: 4 }])
})

test('edges take what no route counted as tried once, and know of no latency then', async () => {
  mesh.pass()
  mesh.scrape('web-0', [
    { key: toWorkload('users'), success: 10, failure: 2, latency: latencyAt(10, 12) },
    { key: toWorkload('users', { authority: 'other.shop.svc.cluster.local:80' }), success: 5 },
    {
      key: route('users', 'GET'),
      success: 10,
      latency: latencyAt(20, 10),
      actualSuccess: 10,
      actualFailure: 2,
    },
  ])
  mesh.settle()
  expect(await edgesTo('users')).toMatchObject([
    { effective: { requests: 15, successRate: 1, latencyMs: { p50: null } }, retries: 2 },
  ])
})

test('edges tell nothing of retries where no routes are counted, or what was asked went to several', async () => {
  runTestTraffic(mesh)
  mesh.scrape('web-0', [
    { key: toWorkload('catalog', { authority: 'split.shop.svc.cluster.local:80' }), success: 3 },
    { key: toWorkload('users', { authority: 'split.shop.svc.cluster.local:80' }), success: 3 },
    { key: route('split', ''), success: 6, actualSuccess: 6 },
  ])
  mesh.settle()
  const { edges } = await golden.ask('topology', {})
  expect(edges.length).toBeGreaterThan(2)
  for (const edge of edges) expect(edge).not.toHaveProperty('retries')
})

test('edges count what was refused as no success after retries either', async () => {
  mesh.pass()
  mesh.scrape('web-0', [
    { key: toWorkload('users'), success: 10 },
    { key: route('users', 'GET'), success: 10, actualSuccess: 10 },
  ])
  mesh.scrape('users-0', [
    { key: { view: 'denied', peerId: identityOf('shop', 'web'), tls: 'true' }, denied: 10 },
  ])
  mesh.settle()
  expect(await edgesTo('users')).toMatchObject([
    { denied: 10, golden: { successRate: 0 }, effective: { requests: 10, successRate: 0 }, retries: 0 },
  ])
})
