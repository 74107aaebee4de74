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

  test('takes what policy refused for no success of a service, over the whole time and in each step', async () => {
    for (const denied of [0, 0, 6, 6]) {
      mesh.pass()
      mesh.scrape('web-0', [{ key: toWorkload('users'), success: 10, latency: latencyAt(1, 10) }])
      mesh.scrape('users-0', [
        { key: fromWorkload('web'), success: 10 - denied, latency: latencyAt(1, 10 - denied) },
        { key: { view: 'denied', peerId: identityOf('shop', 'web'), tls: 'true' }, denied },
        { key: { view: 'denied', peerId: '127.18.1.2', tls: 'no_tls_from_remote' }, denied },
      ])
    }
    mesh.settle()
    const time = { start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:00:20Z' }
    const { rows } = await golden.ask('golden', { ...time, resource: 'svc', namespace: 'shop' })
    const [catalog, users] = rows
    expect(users).toMatchObject({ denied: 12, golden: { requests: 40, successRate: 0.7 } })
    expect(catalog).toMatchObject({ denied: 0, golden: { requests: 0, successRate: null } })
    const series = await golden.ask('series', { ...time, resource: 'svc/users', step: '10s' })
    expect(series.rows[0]?.points.map(({ successRate }) => successRate)).toEqual([1, 0.4])
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

  test('says since when it knows anything, when the range begins before', async () => {
    runTestTraffic(mesh, 6)
    const note = 'What was before 2026-03-01T09:59:59.000Z is not known: no proxy was scraped before'
    for (const topic of ['golden', 'series', 'edges', 'routes'] as const) {
      const answer = await golden.ask(topic, { resource: 'workload', window: '10m' })
      expect('note' in answer && answer.note).toContain(note)
    }
    const later = await golden.ask('golden', { resource: 'workload', window: '20s' })
    expect(later.note).toBeUndefined()
  })

  test('says from when on there are numbers, when more was asked for than is kept', async () => {
    const longAgoMs = mesh.nowMs() - 7_200_000
    mesh.store.append({ namespace: 'shop', pod: 'web-0', startMs: longAgoMs, endMs: longAgoMs, cells: [] })
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
