import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { statusKey } from '#server/store/status-key.ts'
import { createGolden, type Golden } from './golden.ts'
import { createTestMesh, runTestTraffic, type TestMesh, toWorkload } from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
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

  test('tells gRPC from HTTP by the statuses of most responses', async () => {
    const ok = statusKey({ classification: 'success', status: '200', grpcStatus: '0' })
    const plain = statusKey({ classification: 'success', status: '200', grpcStatus: '' })
    const protocol = async (grpc: number, http: number) => {
      mesh.pass()
      mesh.scrape('web-0', [
        {
          key: toWorkload('users'),
          success: grpc + http,
          statuses: new Map([
            [ok, grpc],
            [plain, http],
          ]),
        },
      ])
      mesh.settle()
      const { edges } = await golden.ask('topology', {})
      return edges.map(edge => edge.protocol)
    }
    expect(await protocol(3, 2)).toEqual(['grpc'])
    expect(await protocol(0, 2)).toEqual(['http'])
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

  test('is the same object for as long as nothing of it changed', async () => {
    runTestTraffic(mesh)
    const first = await golden.ask('topology', { fold: 'auto' })
    const [again, whole] = await Promise.all([
      golden.ask('topology', { fold: 'auto' }),
      golden.ask('topology', {}),
    ])
    expect(again).toBe(first)
    expect(whole).toEqual(first)
    mesh.setTarget('users-0', { state: 'down', error: 'refused' })
    const other = await golden.ask('topology', { fold: 'auto' })
    expect(other.coverage.answered).toBe(first.coverage.answered - 1)
    mesh.pass()
    mesh.scrape('web-0', [{ key: toWorkload('users'), success: 7 }])
    mesh.settle()
    const next = await golden.ask('topology', { fold: 'auto' })
    expect(next.edges).not.toEqual(first.edges)
  })
})
