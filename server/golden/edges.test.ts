import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import {
  createTestMesh,
  fromWorkload,
  identityOf,
  latencyAt,
  runTestTraffic,
  type TestMesh,
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

describe('edges', () => {
  test('are secured between meshed workloads, and name an unmeshed caller and the reason', async () => {
    runTestTraffic(mesh)
    const { rows } = await golden.ask('edges', {})
    expect(rows.map(({ id }) => id)).toEqual([
      'batch/cronjob/legacy-batch>shop/deployment/users',
      'shop/deployment/web>shop/deployment/catalog',
      'shop/deployment/web>shop/deployment/users',
    ])
    expect(rows[0]).toMatchObject({
      secured: false,
      mtls: 'none',
      mtlsRatio: 0,
      reasons: ['no_tls_from_remote'],
      clientId: '',
      golden: { requests: 24 },
    })
    expect(rows[1]).toMatchObject({
      secured: true,
      mtls: 'all',
      mtlsRatio: 1,
      reasons: [],
      clientId: identityOf('shop', 'web'),
      serverId: identityOf('shop', 'catalog'),
      golden: { requests: 96 },
      tcp: { open: 2 },
    })
    expect(rows.every(({ disagreement }) => disagreement === undefined)).toBe(true)
  })

  test('are not secured, when the peer has another identity than expected', async () => {
    mesh.pass()
    mesh.scrape('web-0', [
      { key: toWorkload('users'), success: 3 },
      { key: toWorkload('users', { peerId: identityOf('shop', 'catalog') }), success: 1 },
    ])
    mesh.settle()
    const { rows } = await golden.ask('edges', { resource: 'deploy/users' })
    expect(rows[0]).toMatchObject({
      secured: false,
      mtls: 'some',
      mtlsRatio: 0.75,
      reasons: ['unexpected_identity'],
      serverId: '',
    })
  })

  test('come from the destination, when the source is meshed but not scraped', async () => {
    mesh.pass()
    mesh.scrape('users-0', [{ key: fromWorkload('web'), success: 5 }])
    mesh.scrape('catalog-0', [
      { key: { view: 'inbound', peerId: identityOf('other', 'gone'), tls: 'true' }, success: 2 },
    ])
    mesh.settle()
    const { rows } = await golden.ask('edges', {})
    expect(rows).toMatchObject([
      { id: 'other/serviceaccount/gone>shop/deployment/catalog', mtls: 'all', golden: { requests: 2 } },
      { id: 'shop/deployment/web>shop/deployment/users', mtls: 'all', golden: { requests: 5 } },
    ])
  })

  test('show refusals, and never a full success, when policy denies the caller', async () => {
    mesh.pass()
    mesh.scrape('web-0', [{ key: toWorkload('users'), success: 10, latency: latencyAt(1, 10) }])
    mesh.scrape('users-0', [
      { key: { view: 'denied', peerId: identityOf('shop', 'web'), tls: 'true' }, denied: 10 },
      { key: { view: 'denied', peerId: '127.18.1.2', tls: 'no_tls_from_remote' }, denied: 3 },
      { key: { view: 'denied', peerId: '10.9.9.9', tls: 'no_tls_from_remote' }, denied: 1 },
    ])
    mesh.settle()
    const { rows } = await golden.ask('edges', { namespace: 'shop' })
    expect(rows).toMatchObject([
      {
        id: '/unmeshed/unmeshed>shop/deployment/users',
        denied: 1,
        golden: { requests: 0, successRate: null },
      },
      { id: 'batch/cronjob/legacy-batch>shop/deployment/users', denied: 3, mtls: 'unknown' },
      {
        id: 'shop/deployment/web>shop/deployment/users',
        denied: 10,
        golden: { requests: 10, successRate: 0 },
      },
    ])
    const users = await golden.ask('golden', { resource: 'deploy/users' })
    expect(users.rows[0]?.denied).toBe(14)
  })

  test('say so, when their ends differ by over 5 %', async () => {
    mesh.pass()
    mesh.scrape('web-0', [{ key: toWorkload('users'), success: 100 }])
    mesh.scrape('users-0', [{ key: fromWorkload('web'), success: 90 }])
    mesh.settle()
    const { rows } = await golden.ask('edges', {})
    expect(rows[0]).toMatchObject({ golden: { requests: 100 }, disagreement: { outbound: 100, inbound: 90 } })
  })

  test('are judged by their connections, when there is no request', async () => {
    mesh.pass()
    mesh.scrape('web-0', [
      { key: toWorkload('catalog'), tcpOpen: 1 },
      { key: toWorkload('catalog', { peerId: '', tls: 'not_provided_by_service_discovery' }), tcpClosed: 3 },
    ])
    mesh.settle()
    const { rows } = await golden.ask('edges', {})
    expect(rows[0]).toMatchObject({
      mtls: 'some',
      mtlsRatio: 0.25,
      reasons: ['not_provided_by_service_discovery'],
      golden: { requests: 0, successRate: null },
      tcp: { open: 1 },
    })
  })

  test('count what went past the source’s proxy as unprotected', async () => {
    mesh.pass()
    mesh.scrape('web-0', [{ key: toWorkload('users'), success: 6 }])
    mesh.scrape('users-0', [
      { key: fromWorkload('web'), success: 6 },
      { key: { view: 'caller', peerId: '127.18.0.2', tls: 'no_tls_from_remote' }, success: 2 },
    ])
    mesh.settle()
    const { rows } = await golden.ask('edges', {})
    expect(rows[0]).toMatchObject({ mtls: 'some', mtlsRatio: 0.75, golden: { requests: 6 } })
    expect(rows[0]?.disagreement).toBeUndefined()
  })

  test('name an unmeshed caller that was refused, and say nothing of its other end', async () => {
    mesh.pass()
    mesh.scrape('users-0', [
      { key: { view: 'inbound', tls: 'no_tls_from_remote', port: '8080' }, success: 6 },
      { key: { view: 'caller', peerId: '127.18.1.2', tls: 'no_tls_from_remote', port: '8080' }, success: 6 },
      { key: { view: 'denied', peerId: '127.18.1.2', tls: 'no_tls_from_remote', port: '8080' }, denied: 4 },
    ])
    mesh.settle()
    const { rows } = await golden.ask('edges', {})
    expect(rows).toMatchObject([
      {
        id: 'batch/cronjob/legacy-batch>shop/deployment/users',
        denied: 4,
        mtls: 'none',
        golden: { requests: 6, successRate: 1 },
      },
    ])
    expect(rows[0]?.disagreement).toBeUndefined()
    const spaces = await golden.ask('edges', { resource: 'ns' })
    expect(spaces.rows[0]).toMatchObject({ id: '/namespace/batch>/namespace/shop', denied: 4 })
    const { edges, nodes } = await golden.ask('topology', {})
    expect(edges).toMatchObject([{ source: 'batch/cronjob/legacy-batch', denied: 4, protocol: 'http' }])
    expect(nodes.find(({ id }) => id === 'shop/deployment/users')?.badges).toEqual(['denied'])
  })

  test('disagree by what refusals do not explain', async () => {
    mesh.pass()
    mesh.scrape('web-0', [{ key: toWorkload('users'), success: 100 }])
    mesh.scrape('users-0', [
      { key: fromWorkload('web'), success: 60 },
      { key: { view: 'denied', peerId: identityOf('shop', 'web'), tls: 'true' }, denied: 20 },
      { key: { view: 'denied', peerId: '127.18.1.2', tls: 'no_tls_from_remote' }, denied: 20 },
    ])
    mesh.settle()
    const { rows } = await golden.ask('edges', { resource: 'deploy/web' })
    expect(rows[0]).toMatchObject({ denied: 20, disagreement: { outbound: 100, inbound: 60 } })
  })
})
