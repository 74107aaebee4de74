import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { syntheticGraph } from '#demo/synthetic/graph.ts'
import type { TopologyAnswer } from '#lib/api/topology.ts'
import { freePort } from './support/addresses.ts'
import { processesNaming, type Run, runDemo, temporaryDirectory } from './support/demo.ts'
import { api } from './support/requests.ts'
import { until } from './support/until.ts'

const count = 120

describe('a synthetic mesh', () => {
  const directory = temporaryDirectory()
  const graph = syntheticGraph(count, '127.24')
  let run: Run
  let base: string
  let port: number

  beforeAll(async () => {
    port = await freePort()
    run = runDemo(['--nodes', String(count), '--port', String(port), '--data-dir', directory.path])
    base = await run.address()
  }, 120_000)

  afterAll(async () => {
    run.interrupt()
    await run.ended
    directory.remove()
  })

  test('is what its topology shows: nodes, edges, locks and refusals', { timeout: 60_000 }, async () => {
    const id = ({ namespace, kind, name }: (typeof graph.workloads)[number]) => `${namespace}/${kind}/${name}`
    const { coverage, nodes, edges } = await until(
      'numbers on every edge',
      async () => {
        const answer = await api<TopologyAnswer>(base, '/topology?groupBy=workload&window=1m')
        return (
          answer.edges.length === graph.flows.length &&
          answer.edges.every(edge => (edge.golden.requests ?? 0) + edge.denied > 0) &&
          answer
        )
      },
      50_000,
    )
    expect(coverage.answered).toBe(graph.workloads.filter(({ isMeshed }) => isMeshed).length)
    expect(new Map(nodes.map(node => [node.id, node.meshed]))).toEqual(
      new Map(graph.workloads.map(one => [id(one), one.isMeshed])),
    )
    const told = edges.map(
      edge => [edge.id, [edge.mtls, edge.denied > 0, edge.golden.requests !== 0]] as const,
    )
    expect(new Map(told)).toEqual(
      new Map(
        graph.flows.map(({ source, destination, isDenied }) => [
          `${id(source)}>${id(destination)}`,
          // A caller with a proxy counts what it is refused as answers; nobody counts those of one without.
          [source.isMeshed ? 'all' : 'none', isDenied, source.isMeshed || !isDenied],
        ]),
      ),
    )
  })

  test('Ctrl-C leaves no process and no port', async () => {
    run.interrupt()
    expect(await run.ended).toBe(0)
    expect(processesNaming(directory.path)).toEqual([])
    await new Promise<void>((done, fail) => {
      const server = createServer().once('error', fail)
      server.listen(port, '127.0.0.1', () => server.close(() => done()))
    })
  })
})
