import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import type { Store } from '#server/store/store.ts'
import { createGolden, type Golden } from './golden.ts'
import {
  createTestMesh,
  fromWorkload,
  identityOf,
  latencyAt,
  runTestTraffic,
  type TestMesh,
  testIntervalMs,
  toWorkload,
} from './test-mesh.ts'

let store: Store
let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  store = createMemoryStore({ intervalMs: testIntervalMs })
  mesh = createTestMesh(store)
  golden = createGolden(mesh)
})
afterEach(async () => {
  await store.close()
})

describe('golden', () => {
  test('says what a workload sent that received nothing, as a workload and as a pod', async () => {
    runTestTraffic(mesh)
    for (const resource of ['deploy', 'pod']) {
      const { rows } = await golden.ask('golden', { resource, namespace: 'shop' })
      const sending = rows.filter(({ sent }) => sent !== undefined)
      expect(sending.map(row => row.resource.name.replace(/-.*/, ''))).toEqual(['web'])
      const links = await golden.ask('golden', { resource: 'deploy/web', namespace: 'shop', to: 'mesh' })
      expect(sending[0]?.sent?.requests).toBe(links.rows[0]?.golden.requests)
      expect(sending[0]?.sent?.requests).toBeGreaterThan(0)
    }
  })

  test('has a row for every workload, when one is idle and one unmeshed', async () => {
    runTestTraffic(mesh)
    const { rows, coverage, span } = await golden.ask('golden', { resource: 'workload' })
    expect(rows.map(({ id }) => id)).toEqual([
      'batch/cronjob/legacy-batch',
      'shop/deployment/catalog',
      'shop/deployment/users',
      'shop/deployment/web',
    ])
    expect(coverage).toMatchObject({ expected: 4, answered: 4, missing: [] })
    expect(span).toMatchObject({
      stepSeconds: 5,
      start: '2026-03-01T10:00:00.000Z',
      end: '2026-03-01T10:01:00.000Z',
    })
    const [batch, catalog, users, web] = rows
    expect(batch).toMatchObject({
      meshed: { running: 0, total: 1 },
      golden: { requests: null, rps: null },
      denied: null,
    })
    expect(web).toMatchObject({
      meshed: { running: 1, total: 1 },
      golden: { requests: 0, rps: 0, successRate: null },
    })
    expect(catalog).toMatchObject({
      meshed: { running: 2, total: 2 },
      golden: { successRate: 1 },
      mtlsRate: 1,
    })
    expect(users?.golden.successRate).toBeCloseTo(11 / 12)
    expect(users?.mtlsRate).toBeCloseTo(10 / 12)
    expect(users?.golden.rps).toBeCloseTo(2.4)
  })

  test('knows nothing, when no proxy was ever scraped', async () => {
    const { rows, coverage } = await golden.ask('golden', { resource: 'deploy', namespace: 'shop' })
    expect(rows).toHaveLength(3)
    for (const { golden: signals, tcp } of rows) {
      expect(signals).toEqual({
        requests: null,
        rps: null,
        successRate: null,
        latencyMs: { p50: null, p95: null, p99: null },
      })
      expect(tcp).toEqual({ open: null, readBytesPerSecond: null, writeBytesPerSecond: null })
    }
    expect(coverage).toMatchObject({ expected: 4, answered: 0, oldestSampleAt: null })
  })

  test('counts the same inbound, with from, with to, at the edge and in the route of the service', async () => {
    runTestTraffic(mesh)
    const time = { start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:01:00Z' }
    const to = await golden.ask('golden', {
      ...time,
      resource: 'deploy/web',
      to: 'deploy/users',
      toNamespace: 'shop',
    })
    const toService = await golden.ask('golden', {
      ...time,
      resource: 'deploy/web',
      to: 'svc/users',
      namespace: 'shop',
    })
    const from = await golden.ask('golden', { ...time, resource: 'deploy/users', from: 'deploy/web' })
    const service = await golden.ask('golden', { ...time, resource: 'svc/users' })
    const edges = await golden.ask('edges', { ...time, resource: 'deploy/web' })
    const edge = edges.rows.find(({ id }) => id === 'shop/deployment/web>shop/deployment/users')
    const expected = { requests: 120, successRate: 0.9 }
    for (const found of [to.rows[0], toService.rows[0], from.rows[0], service.rows[0], edge]) {
      expect(found?.golden).toMatchObject(expected)
      expect(found?.golden.rps).toBeCloseTo(2)
      expect(found?.golden.latencyMs).toEqual(edge?.golden.latencyMs)
    }
    expect(from.rows[0]?.id).toBe('shop/deployment/users')
    expect(service.note).toContain('callers without a proxy')
    const inbound = await golden.ask('golden', { ...time, resource: 'deploy/users' })
    const unmeshed = await golden.ask('golden', {
      ...time,
      resource: 'deploy/users',
      from: 'cj/legacy-batch',
    })
    expect(unmeshed.rows[0]?.golden.requests).toBe(24)
    expect(inbound.rows[0]?.golden.requests).toBe(120 + 24)
  })

  test('sums everything in the mesh, and by namespace', async () => {
    runTestTraffic(mesh)
    const all = await golden.ask('golden', { resource: 'mesh' })
    expect(all.rows).toHaveLength(1)
    expect(all.rows[0]).toMatchObject({
      meshed: { running: 4, total: 5 },
      golden: { requests: 120 + 24 + 96 },
    })
    const spaces = await golden.ask('golden', { resource: 'ns' })
    expect(spaces.rows.map(row => [row.resource.name, row.golden.requests])).toEqual([
      ['batch', null],
      ['shop', 240],
    ])
  })

  test('tells pods apart, and picks them by label', async () => {
    runTestTraffic(mesh)
    const pods = await golden.ask('golden', { resource: 'po', namespace: 'shop' })
    expect(pods.rows.map(row => [row.resource.name, row.golden.requests])).toEqual([
      ['catalog-0', 48],
      ['catalog-1', 48],
      ['users-0', 144],
      ['web-0', 0],
    ])
    const catalog = await golden.ask('golden', { resource: 'deploy', selector: 'app=catalog' })
    expect(catalog.rows.map(row => [row.id, row.golden.requests])).toEqual([['shop/deployment/catalog', 96]])
    const toPod = await golden.ask('golden', { resource: 'deploy/web', to: 'po/catalog-1' })
    expect(toPod.rows[0]?.golden.requests).toBe(48)
  })

  test('names a proxy that stopped answering and since when, when what was scraped stays', async () => {
    runTestTraffic(mesh)
    const downSinceMs = mesh.nowMs() - 5_000
    mesh.setTarget('catalog-1', { state: 'down', downSinceMs, error: 'connection refused' })
    const { rows, coverage } = await golden.ask('golden', { resource: 'deploy/catalog' })
    expect(rows[0]?.golden.requests).toBe(96)
    expect(coverage).toEqual({
      expected: 2,
      answered: 1,
      oldestSampleAt: '2026-03-01T10:00:59.000Z',
      missing: [
        {
          namespace: 'shop',
          pod: 'catalog-1',
          since: new Date(downSinceMs).toISOString(),
          reason: 'connection refused',
        },
      ],
    })
  })

  test('says from when on there are numbers, when more was asked for than is kept', async () => {
    runTestTraffic(mesh)
    const note =
      'Older numbers than those in this answer are not kept: there is data from 2026-03-01T09:01:00.000Z on'
    const longRange = { start: '2026-03-01T08:00:00Z', end: '2026-03-01T10:01:00Z' }
    for (const time of [{ window: '6h' }, longRange]) {
      for (const topic of ['golden', 'series', 'edges', 'routes'] as const) {
        const answer = await golden.ask(topic, { resource: 'workload', ...time })
        expect([topic, 'note' in answer && answer.note]).toEqual([topic, expect.stringContaining(note)])
      }
      expect(await golden.ask('topology', time)).toMatchObject({ note })
      const services = await golden.ask('golden', { resource: 'svc', ...time })
      expect(services.note).toContain(`${note}. Services are counted at their callers: `)
    }
    const all = await golden.ask('golden', { resource: 'workload', window: '1h' })
    expect(all.note).toBeUndefined()
  })

  test.each([
    [{ resource: 'deploy', window: 'banana' }, 'WINDOW_INVALID', '10s'],
    [{ resource: 'deploy', window: '5s' }, 'WINDOW_TOO_SHORT', '10s'],
    [{ resource: 'deploy', start: '1772359200' }, 'RANGE_INCOMPLETE', 'end'],
    [{ resource: 'deploy', start: '100', end: '1000' }, 'RANGE_NOT_KEPT', '2026'],
    [{ resource: 'deploy', namespace: 'nowhere' }, 'UNKNOWN_NAMESPACE', 'batch, shop'],
    [{ resource: 'deploy/nobody' }, 'UNKNOWN_RESOURCE', 'shop/web'],
    [{ resource: 'deploy/web', to: 'deploy/nobody' }, 'UNKNOWN_RESOURCE', 'shop/users'],
    [{ resource: 'banana' }, 'BAD_PARAMETER', 'deploy'],
    [{ resource: 'deploy', to: 'deploy/web', from: 'deploy/web' }, 'CONFLICTING_PARAMETERS', 'one of them'],
    [{ resource: 'svc', to: 'deploy/web' }, 'CONFLICTING_PARAMETERS', 'workload'],
    [{ resource: 'deploy', toNamespace: 'shop' }, 'CONFLICTING_PARAMETERS', 'to='],
    [{ resource: 'mesh', namespace: 'shop' }, 'CONFLICTING_PARAMETERS', 'ns/shop'],
    [{ resource: 'deploy', selector: 'a=b=c' }, 'BAD_PARAMETER', 'selector'],
    [{ resource: 'deploy', windw: '1m' }, 'BAD_PARAMETER', 'window'],
    [{}, 'BAD_PARAMETER', 'resource'],
  ])('refuses %j with %s and a hint', async (params, code, hint) => {
    runTestTraffic(mesh)
    const asked = golden.ask('golden', params as Record<string, string>)
    await expect(asked).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) })
  })
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
})

describe('topology', () => {
  test('has idle workloads, far ends and badges', async () => {
    runTestTraffic(mesh)
    const { nodes, edges } = await golden.ask('topology', {})
    expect(nodes.map(({ id, badges }) => [id, badges])).toEqual([
      ['batch/cronjob/legacy-batch', ['unmeshed']],
      ['shop/deployment/catalog', []],
      ['shop/deployment/users', []],
      ['shop/deployment/web', []],
    ])
    expect(edges.map(({ source, destination, protocol }) => [source, destination, protocol])).toEqual([
      ['batch/cronjob/legacy-batch', 'shop/deployment/users', 'http'],
      ['shop/deployment/web', 'shop/deployment/catalog', 'http'],
      ['shop/deployment/web', 'shop/deployment/users', 'http'],
    ])
    const narrow = await golden.ask('topology', { namespace: 'batch' })
    expect(narrow.nodes.map(({ id }) => id)).toEqual(['batch/cronjob/legacy-batch', 'shop/deployment/users'])
  })

  test('marks what is idle, what does not answer, and what no proxy stands beside', async () => {
    mesh.pass()
    mesh.scrape('web-0', [
      {
        key: toWorkload('old', {
          peerKind: 'statefulset',
          peerId: '',
          tls: 'not_provided_by_service_discovery',
        }),
        success: 7,
      },
      {
        key: { view: 'outbound', direction: 'outbound', authority: 'example.com:443', tls: 'x' },
        success: 1,
      },
    ])
    mesh.scrape('users-0', [])
    mesh.scrape('users-0', [])
    mesh.pass()
    mesh.scrape('web-0', [])
    mesh.scrape('users-0', [])
    const { nodes } = await golden.ask('topology', { namespace: 'shop' })
    expect(nodes.map(({ id, badges, golden: { requests } }) => [id, badges, requests])).toEqual([
      ['/external/example.com:443', [], 1],
      ['shop/deployment/catalog', ['not-answering'], null],
      ['shop/deployment/users', ['idle'], 0],
      ['shop/deployment/web', [], 0],
      ['shop/statefulset/old', [], 7],
    ])
  })

  test('groups by namespace and by service', async () => {
    runTestTraffic(mesh)
    const spaces = await golden.ask('topology', { groupBy: 'namespace' })
    expect(spaces.edges.map(({ id, golden: { requests } }) => [id, requests])).toEqual([
      ['/namespace/batch>/namespace/shop', 24],
      ['/namespace/shop>/namespace/shop', 216],
    ])
    const services = await golden.ask('topology', { groupBy: 'service' })
    expect(services.edges.map(({ id }) => id)).toEqual([
      'batch/cronjob/legacy-batch>shop/service/users',
      'shop/deployment/web>shop/service/catalog',
      'shop/deployment/web>shop/service/users',
    ])
    const far = services.nodes.filter(({ kind }) => kind !== 'service')
    expect(far.map(({ id, meshed }) => [id, meshed])).toEqual([
      ['batch/cronjob/legacy-batch', false],
      ['shop/deployment/web', true],
    ])
    await expect(golden.ask('topology', { groupBy: 'colour' })).rejects.toMatchObject({
      code: 'BAD_PARAMETER',
    })
  })
})

describe('series', () => {
  test('has a point for each step, and none where nobody was scraped', async () => {
    runTestTraffic(mesh, 6)
    const answer = await golden.ask('series', { resource: 'deploy/users', window: '1m', step: '10s' })
    const points = answer.rows[0]?.points ?? []
    expect(points.map(({ requests }) => requests)).toEqual([null, null, null, 24, 24, 24])
    expect(answer.span.stepSeconds).toBe(10)
    const to = await golden.ask('series', {
      resource: 'deploy/web',
      to: 'svc/users',
      namespace: 'shop',
      step: '10s',
    })
    expect(to.rows[0]?.points.reduce((sum, { requests }) => sum + (requests ?? 0), 0)).toBe(60)
  })

  test('refuses a step below two scrapes', async () => {
    runTestTraffic(mesh, 2)
    const asked = golden.ask('series', { resource: 'deploy', step: '1s' })
    await expect(asked).rejects.toMatchObject({ code: 'STEP_INVALID', hint: expect.stringContaining('10s') })
  })
})

describe('routes', () => {
  test('has every route of the profile, idle ones too, before and after retries', async () => {
    mesh.pass()
    mesh.scrape('web-0', [
      {
        key: {
          view: 'route',
          direction: 'outbound',
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
})
