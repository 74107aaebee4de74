import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import { createTestMesh, fromWorkload, type TestCell, type TestMesh, toWorkload } from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
})

/** A cell that counted these responses. */
function answered(key: TestCell['key'], counts: Readonly<Record<string, number>>): TestCell {
  const of = (classification: string) =>
    Object.entries(counts).reduce((sum, [status, n]) => sum + (status.startsWith(classification) ? n : 0), 0)
  const [success, failure] = [of('success'), of('failure')]
  return { key, success, failure, statuses: new Map(Object.entries(counts)) }
}

const route = (name: string): TestCell['key'] => ({
  view: 'route',
  direction: 'outbound',
  service: 'shop/users',
  authority: 'users.shop.svc.cluster.local:80',
  route: name,
})

describe('statuses', () => {
  test('tell what a workload answered, and what a caller got, apart by gRPC status and class', async () => {
    mesh.pass()
    const counts = { 'success/200/': 8, 'failure/503/': 2, 'failure/200/14': 1, 'success/404/': 4 }
    mesh.scrape('web-0', [answered(toWorkload('users'), counts)])
    mesh.scrape('users-0', [
      answered(fromWorkload('web'), counts),
      answered({ view: 'inbound', tls: 'no_tls_from_remote' }, { 'success/200/': 5 }),
      answered({ view: 'caller', peerId: '127.18.1.2', tls: 'no_tls_from_remote' }, { 'success/200/': 5 }),
    ])
    mesh.settle()
    const ask = async (query: Record<string, string>) =>
      (await golden.ask('statuses', query)).rows.map(({ id, requests }) => [id, requests])
    expect(await ask({ resource: 'deploy/users' })).toEqual([
      ['shop/deployment/users 200 grpc 14 failure', 1],
      ['shop/deployment/users 200 success', 13],
      ['shop/deployment/users 404 success', 4],
      ['shop/deployment/users 503 failure', 2],
    ])
    expect(await ask({ resource: 'deploy/users', from: 'cj/legacy-batch', fromNamespace: 'batch' })).toEqual([
      ['shop/deployment/users 200 success', 5],
    ])
    const to = await golden.ask('statuses', { resource: 'deploy/web', to: 'svc/users', toNamespace: 'shop' })
    expect(to.rows).toMatchObject([
      { status: '200', grpcStatus: '14', classification: 'failure', requests: 1 },
      { status: '200', classification: 'success', requests: 8 },
      { status: '404', classification: 'success', requests: 4 },
      { status: '503', classification: 'failure', requests: 2 },
    ])
    expect(to.rows[1]?.rps).toBeCloseTo(8 / 5)
  })

  test('add up to the requests of golden, whatever was answered', async () => {
    const counts = fc.dictionary(
      fc.constantFrom('success/200/', 'success/404/', 'failure/500/', 'failure/200/2'),
      fc.nat(1_000),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ sent: counts, byRoute: counts }), { minLength: 1, maxLength: 5 }),
        async history => {
          const other = createTestMesh()
          for (const { sent, byRoute } of history) {
            other.pass()
            other.scrape('web-0', [answered(toWorkload('users'), sent), answered(route('idle'), byRoute)])
            other.scrape('users-0', [answered(fromWorkload('web'), sent)])
          }
          other.settle()
          const asked = createGolden(other)
          const queries: Record<string, string>[] = [
            { resource: 'deploy/users' },
            { resource: 'svc/users' },
            { resource: 'deploy/web', to: 'deploy/users' },
            { resource: 'deploy/users', from: 'deploy/web' },
            { resource: 'svc/users', route: 'idle' },
            { resource: 'deploy/web', to: 'svc/users', route: 'idle' },
          ]
          for (const query of queries) {
            const { rows } = await asked.ask('golden', query)
            const statuses = (await asked.ask('statuses', query)).rows
            expect(statuses.reduce((sum, { requests }) => sum + requests, 0)).toBe(rows[0]?.golden.requests)
            const rps = statuses.reduce((sum, each) => sum + (each.rps ?? 0), 0)
            expect(rps).toBeCloseTo(rows[0]?.golden.rps ?? 0, 8)
          }
          await other.store.close()
        },
      ),
      { numRuns: 30 },
    )
  })
})
