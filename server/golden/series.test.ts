import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import { createTestMesh, fromWorkload, runTestTraffic, type TestMesh } from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
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

  test('tells the bytes and connections of each step', async () => {
    runTestTraffic(mesh, 6)
    const answer = await golden.ask('series', { resource: 'deploy/users', window: '1m', step: '10s' })
    const points = answer.rows[0]?.points ?? []
    expect(points.map(({ tcp }) => [tcp.open, tcp.readBytesPerSecond])).toEqual([
      [null, null],
      [null, null],
      [null, null],
      [1, 10],
      [1, 10],
      [1, 10],
    ])
  })

  test('knows of a first scrape only the connections it finds open', async () => {
    const key = fromWorkload('web')
    mesh.pass()
    mesh.pass()
    mesh.scrape('users-0', [{ key, tcpOpen: 2 }], 0)
    for (let i = 0; i < 2; i++) {
      mesh.pass()
      mesh.scrape('users-0', [{ key, success: 5, readBytes: 50 }])
    }
    const time = { start: '2026-03-01T10:00:00Z', end: '2026-03-01T10:00:20Z', step: '10s' }
    const { rows } = await golden.ask('series', { resource: 'deploy/users', ...time })
    expect(
      rows[0]?.points.map(({ requests, rps, tcp }) => [requests, rps, tcp.open, tcp.readBytesPerSecond]),
    ).toEqual([
      [null, null, 2, null],
      [10, 1, 2, 10],
    ])
  })

  test('has what an unmeshed caller sent, as its destination counted it', async () => {
    runTestTraffic(mesh, 6)
    const answer = await golden.ask('series', {
      resource: 'cj/legacy-batch',
      to: 'deploy/users',
      toNamespace: 'shop',
      step: '10s',
    })
    expect(answer.rows.map(({ id }) => id)).toEqual(['batch/cronjob/legacy-batch'])
    expect(answer.rows[0]?.points.map(({ requests }) => requests)).toEqual([null, null, null, 4, 4, 4])
  })
})
