import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appHost } from '#demo/launch/apps.ts'
import type { EdgesAnswer } from '#lib/api/edges.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import { freePort } from './support/addresses.ts'
import {
  commandLine,
  movedMesh,
  processesNaming,
  type Run,
  runDemo,
  temporaryDirectory,
} from './support/demo.ts'
import { api, get } from './support/requests.ts'
import { until } from './support/until.ts'

const meshFile = resolve(import.meta.dirname, '../demo/mesh.yaml')
const meshed = ['catalog', 'traffic', 'users', 'web'].map(name => `shop/deployment/${name}`)

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise(done => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, host, () => server.close(() => done(true)))
  })
}

describe('the demo', () => {
  const directory = temporaryDirectory()
  const dataDirectory = join(directory.path, 'data')
  let run: Run
  let base: string
  let port: number
  let subnet: string

  beforeAll(async () => {
    port = await freePort()
    const moved = await movedMesh(directory.path)
    subnet = moved.subnet
    run = runDemo(['--mesh-file', moved.file, '--port', String(port), '--data-dir', dataDirectory])
    base = await run.address()
  }, 120_000)

  afterAll(async () => {
    run.interrupt()
    await run.ended
    directory.remove()
  })

  test('it shows every meshed workload with moving numbers', async () => {
    const golden = () => api<GoldenAnswer>(base, '/golden?resource=deploy&namespace=_all&window=10s')
    const first = await until('traffic everywhere', async () => {
      const answer = await golden()
      // The traffic generator receives nothing: its row has what it sent.
      const shown = answer.rows.map(row => row.sent ?? row.golden)
      return (
        shown.length === 4 && shown.every(one => one.rps && one.successRate && one.latencyMs.p99) && answer
      )
    })
    expect(first.rows.map(row => row.id)).toEqual(meshed)
    expect(first.rows.every(row => row.meshed.running === row.meshed.total)).toBe(true)
    await until('other numbers', async () => {
      const next = await golden()
      return next.rows.every((row, index) => {
        const before = first.rows[index]
        return JSON.stringify(row.sent ?? row.golden) !== JSON.stringify(before?.sent ?? before?.golden)
      })
    })
  })

  test('edges between meshed workloads are all mTLS, and the one from legacy-batch is not', async () => {
    const edges = await until('four edges', async () => {
      const answer = await api<EdgesAnswer>(base, '/edges?resource=workload&namespace=_all&window=10s')
      return answer.rows.length >= 4 && answer.rows
    })
    const summary = edges.map(edge => [edge.source.name, edge.destination.name, edge.mtls, edge.secured])
    expect(summary.toSorted((a, b) => String(a).localeCompare(String(b)))).toEqual([
      ['legacy-batch', 'users', 'none', false],
      ['traffic', 'web', 'all', true],
      ['web', 'catalog', 'all', true],
      ['web', 'users', 'all', true],
    ])
    for (const edge of edges.filter(({ secured }) => secured)) {
      expect(edge.clientId).toMatch(new RegExp(`^${edge.source.name}\\.shop\\.serviceaccount\\.identity\\.`))
      expect(edge.serverId).toMatch(
        new RegExp(`^${edge.destination.name}\\.shop\\.serviceaccount\\.identity\\.`),
      )
    }
    const insecure = edges.find(({ secured }) => !secured)
    expect(insecure).toMatchObject({
      source: { namespace: 'batch', kind: 'cronjob', name: 'legacy-batch' },
      reasons: ['no_tls_from_remote'],
    })
  })

  test('over 60 s its numbers agree with the traffic generator', { timeout: 120_000 }, async () => {
    const count = async () =>
      JSON.parse((await get({ host: appHost(`${subnet}.2`), port: 8080, path: '/counts' })).body) as {
        ended: number
        succeeded: number
      }
    const start = Math.ceil(Date.now() / 1000)
    await delay(start * 1000 - Date.now())
    const before = await count()
    await delay(60_000)
    const after = await count()
    const end = start + 60
    await delay(3_000)
    const answer = await api<GoldenAnswer>(
      base,
      `/golden?resource=deploy/web&namespace=shop&from=deploy/traffic&start=${start}&end=${end}`,
    )
    const golden = answer.rows[0]?.golden
    const ended = after.ended - before.ended
    const succeeded = after.succeeded - before.succeeded
    expect(ended).toBeGreaterThan(1_000)
    expect(Math.abs((golden?.requests ?? 0) / ended - 1)).toBeLessThan(0.02)
    expect(Math.abs((golden?.successRate ?? 0) - succeeded / ended)).toBeLessThan(0.005)
  })

  test('a second start says in one line who is there, and exits with 1', async () => {
    const second = runDemo(['--data-dir', dataDirectory])
    expect(await second.ended).toBe(1)
    const lines = second.output().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(dataDirectory)
    expect(lines[0]).toMatch(/\d+/)
  })

  test('a broken mesh file is one line with file, line and field, and exit 1', async () => {
    const other = temporaryDirectory()
    const broken = join(other.path, 'broken.yaml')
    writeFileSync(
      broken,
      readFileSync(meshFile, 'utf8').replace('selector: { app: web }', 'selecter: { app: web }'),
    )
    const second = runDemo(['--mesh-file', broken, '--data-dir', join(other.path, 'data')])
    expect(await second.ended).toBe(1)
    const lines = second.output().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/broken\.yaml:\d+:\d+.*selecter/)
    other.remove()
  })

  test('a port that was asked for and is taken is one line and exit 1', async () => {
    const other = temporaryDirectory()
    const blocker = createServer()
    await new Promise<void>(done => blocker.listen(0, '127.0.0.1', done))
    const address = blocker.address()
    const taken = typeof address === 'object' && address ? address.port : 0
    const second = runDemo(['--port', String(taken), '--data-dir', other.path])
    expect(await second.ended).toBe(1)
    const lines = second.output().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(String(taken))
    blocker.close()
    other.remove()
  })

  test('Ctrl-C leaves no process and no port', async () => {
    run.interrupt()
    expect(await run.ended).toBe(0)
    await until('every process to be gone', () => processesNaming(directory.path).length === 0)
    expect(await canListen('127.0.0.1', port)).toBe(true)
    for (const host of [2, 3, 4, 5, 6]) {
      for (const proxyPort of [4140, 4143, 4191])
        expect(await canListen(`${subnet}.${host}`, proxyPort)).toBe(true)
    }
  })
})

test.each([0, 300, 700])(
  'Ctrl-C %i ms after the first program came leaves nothing when it ends',
  async afterMs => {
    const directory = temporaryDirectory()
    const { file } = await movedMesh(directory.path)
    const dataDirectory = join(directory.path, 'data')
    const run = runDemo(['--mesh-file', file, '--data-dir', dataDirectory])
    await until('the first program', () =>
      processesNaming(dataDirectory).some(id => commandLine(id).includes('server.js')),
    )
    await delay(afterMs)
    run.interrupt()
    expect(await run.ended).toBe(0)
    expect(processesNaming(dataDirectory)).toEqual([])
    expect(run.output()).not.toContain('given up')
    directory.remove()
  },
)

test('kill -9 of the demo leaves nothing', async () => {
  const directory = temporaryDirectory()
  const { file } = await movedMesh(directory.path)
  const dataDirectory = join(directory.path, 'data')
  const run = runDemo(['--mesh-file', file, '--data-dir', dataDirectory])
  await run.address()
  const parent = processesNaming(dataDirectory).find(id => commandLine(id).includes('demo/main.ts'))
  process.kill(parent ?? run.pid, 'SIGKILL')
  await until('every program to end by itself', () => processesNaming(dataDirectory).length === 0)
  directory.remove()
})
