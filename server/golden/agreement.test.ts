import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGolden } from './golden.ts'
import { createTestMesh, fromWorkload, identityOf, latencyAt, toWorkload } from './test-mesh.ts'

const names = ['web', 'users', 'catalog'] as const
const count = fc.nat({ max: 1_000 })
const call = fc.record({
  from: fc.constantFrom(...names),
  to: fc.constantFrom(...names),
  boundMs: fc.constantFrom(1, 10, 200, 3_000),
  success: count,
  failure: count,
  /** What the callee refused: the caller counts it as a success. */
  denied: fc.nat({ max: 300 }),
})
/** What `legacy-batch` sends without TLS, and what the workloads send one another, in each scrape. */
const scrapes = fc.array(
  fc.record({
    calls: fc.array(call, { maxLength: 6 }),
    plain: fc.array(fc.record({ to: fc.constantFrom(...names), success: count }), { maxLength: 2 }),
  }),
  { minLength: 1, maxLength: 6 },
)

test('golden, to=, from= and edges give the same integers, whatever the traffic', async () => {
  await fc.assert(
    fc.asyncProperty(scrapes, async history => {
      const mesh = createTestMesh()
      const golden = createGolden(mesh)
      for (const { calls, plain } of history) {
        mesh.pass()
        for (const name of names) {
          mesh.scrape(`${name}-0`, [
            ...calls
              .filter(({ from }) => from === name)
              .map(({ to, success, failure, denied, boundMs }) => ({
                key: toWorkload(to),
                success: success + denied,
                failure,
                latency: latencyAt(boundMs, success + denied + failure),
              })),
            ...calls
              .filter(({ to }) => to === name)
              .map(({ from, success, failure, boundMs }) => ({
                key: fromWorkload(from),
                success,
                failure,
                latency: latencyAt(boundMs, success + failure),
              })),
            ...calls
              .filter(({ to, denied }) => to === name && denied > 0)
              .map(({ from, denied }) => ({
                key: { view: 'denied', peerId: identityOf('shop', from), tls: 'true' } as const,
                denied,
              })),
            ...plain
              .filter(({ to }) => to === name)
              .flatMap(({ success }) => [
                { key: { view: 'inbound', tls: 'no_tls_from_remote' } as const, success },
                {
                  key: { view: 'caller', peerId: '127.18.1.2', tls: 'no_tls_from_remote' } as const,
                  success,
                },
              ]),
          ])
        }
      }
      mesh.settle()

      const edges = (await golden.ask('edges', {})).rows
      for (const edge of edges) {
        const [from, to] = [`${edge.source.kind}/${edge.source.name}`, `deploy/${edge.destination.name}`]
        const sent = await golden.ask('golden', { resource: from, to })
        const received = await golden.ask('golden', { resource: to, from })
        expect(sent.rows.map(row => row.golden)).toEqual([edge.golden])
        expect(received.rows.map(row => row.golden)).toEqual([edge.golden])
        expect(edge.disagreement).toBeUndefined()
        expect(edge.mtls).toBe(edge.source.kind === 'deployment' ? 'all' : 'none')
      }
      for (const row of (await golden.ask('golden', { resource: 'deploy' })).rows) {
        const into = edges.filter(({ destination }) => destination.name === row.resource.name)
        const requests = into.reduce((total, edge) => total + (edge.golden.requests ?? 0), 0)
        const refused = into.reduce((total, edge) => total + edge.denied, 0)
        expect(row.golden.requests).toBe(requests - refused)
        const out = edges.filter(({ source }) => source.name === row.resource.name)
        expect(row.sent !== undefined).toBe(row.golden.requests === 0 && out.length > 0)
        if (row.sent === undefined) continue
        const toMesh = await golden.ask('golden', { resource: `deploy/${row.resource.name}`, to: 'mesh' })
        expect(toMesh.rows.map(sending => sending.golden)).toEqual([row.sent])
      }
      await mesh.store.close()
    }),
    { numRuns: 60 },
  )
})
