import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { moments } from '#demo/timeline.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import type { MarkersAnswer } from '#lib/api/markers.ts'
import { canListen, freePort } from './support/addresses.ts'
import {
  commandLine,
  movedMesh,
  processesNaming,
  type Run,
  runDemo,
  temporaryDirectory,
} from './support/demo.ts'
import { api } from './support/requests.ts'
import { until as waitUntil } from './support/until.ts'

// Each wait has room for a busy machine, and a test for several of them.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })
const until = <T>(what: string, ask: Parameters<typeof waitUntil<T>>[1]) => waitUntil(what, ask, 60_000)

const meshFile = resolve(import.meta.dirname, '../demo/mesh.yaml')

describe('the demo', () => {
  const directory = temporaryDirectory()
  let run: Run
  let base: string
  const dataDirectory = join(directory.path, 'data')
  let port: number
  let subnet: string
  let startedMs: number

  const markers = async () => (await api<MarkersAnswer>(base, '/markers?window=5m')).rows

  beforeAll(async () => {
    port = await freePort()
    const moved = await movedMesh(directory.path)
    subnet = moved.subnet
    run = runDemo(['--mesh-file', moved.file, '--port', String(port), '--data-dir', dataDirectory])
    base = await run.address()
    startedMs = Date.now()
  }, 120_000)

  afterAll(async () => {
    run.interrupt()
    await run.ended
    directory.remove()
  })

  test('what another start of it breaks is broken, told by a marker, and mended again', async () => {
    const tell = async (verb: string) => {
      const other = runDemo([verb, 'users', '--data-dir', dataDirectory])
      expect(await other.ended).toBe(0)
      return other.output()
    }
    const failures = async () => {
      const answer = await api<GoldenAnswer>(base, '/golden?resource=deploy/users&namespace=shop&window=10s')
      const { successRate } = answer.rows[0]?.golden ?? {}
      return successRate === undefined || successRate === null ? null : 1 - successRate
    }
    await until('requests of users, all well', async () => (await failures()) === 0)
    expect(await tell('--break')).toContain('users is broken now')
    await until('users to fail', async () => ((await failures()) ?? 0) > 0.1)
    expect(await tell('--mend')).toContain('users is mended')
    const titles = (await markers()).map(({ title }) => title)
    expect(titles.filter(title => title.startsWith('Users'))).toEqual(['Users broken', 'Users mended'])
  })

  test('turns of the story come as markers, each at its time', async () => {
    const [first] = moments
    const told = await until('the first turn', async () =>
      (await markers()).find(({ title }) => title === first?.title),
    )
    expect(told).toMatchObject({ detail: first?.detail, namespace: first?.namespace })
    expect(Date.parse(told.at) - startedMs).toBeGreaterThan(((first?.atSecond ?? 0) - 5) * 1000)
  })

  test('a second start says in one line who is there, and exits with 1', async () => {
    const second = runDemo(['--data-dir', dataDirectory])
    expect(await second.ended).toBe(1)
    const lines = second.output().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(dataDirectory)
    expect(lines[0]).toMatch(/\d+/)
  })

  test('a mistake in the mesh file is told with file, line and field while all runs, and its mending', async () => {
    const file = join(directory.path, 'mesh.yaml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, before.replace('selector: { app: web }', 'selecter: { app: web }'))
    await until('the mistake', () => /mesh\.yaml:\d+:\d+.*selecter/.test(run.output()))
    expect(run.output()).not.toContain('can be read again')
    writeFileSync(file, before)
    await until('its mending', () => run.output().includes('mesh.yaml can be read again'))
    expect(run.output().match(/mesh\.yaml:\d+:\d+.*selecter/g)).toHaveLength(1)
  })

  test('what cannot be started is one line that names it, and exit 1', async () => {
    const other = temporaryDirectory()
    const broken = join(other.path, 'broken.yaml')
    writeFileSync(
      broken,
      readFileSync(meshFile, 'utf8').replace('selector: { app: web }', 'selecter: { app: web }'),
    )
    const refusals: readonly (readonly [args: readonly string[], line: RegExp])[] = [
      [['--mesh-file', broken, '--data-dir', join(other.path, 'data')], /broken\.yaml:\d+:\d+.*selecter/],
      // The dashboard of this one has the port.
      [['--port', String(port), '--data-dir', join(other.path, 'other')], new RegExp(String(port))],
      [['--mend', 'users', '--break', 'payments'], /--break and --mend: expected one of them/],
      [['--nodes', '20', '--break', 'users'], /--break: expected the sample mesh/],
    ]
    const runs = refusals.map(([args]) => runDemo(args))
    for (const [i, one] of runs.entries()) {
      expect(await one.ended).toBe(1)
      const lines = one.output().trim().split('\n')
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(refusals[i]?.[1] ?? '')
    }
    other.remove()
  })

  test('Ctrl-C leaves no process and no port', async () => {
    run.interrupt()
    expect(await run.ended).toBe(0)
    await until('every process to be gone', () => processesNaming(directory.path).length === 0)
    expect(await canListen('127.0.0.1', port)).toBe(true)
    for (let host = 2; host <= 15; host++) {
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

test('one that starts steady and broken says so; kill -9 of it leaves nothing', async () => {
  const directory = temporaryDirectory()
  const { file } = await movedMesh(directory.path)
  const dataDirectory = join(directory.path, 'data')
  const run = runDemo(['--mesh-file', file, '--data-dir', dataDirectory, '--steady', '--break', 'users'])
  const base = await run.address()
  expect(run.output()).not.toMatch(/story|once in/i)
  await until('the marker of what is broken from the start', async () => {
    const { rows } = await api<MarkersAnswer>(base, '/markers?window=5m')
    return rows.some(({ title }) => title === 'Users broken')
  })
  const parent = processesNaming(dataDirectory).find(id => commandLine(id).includes('demo/main.ts'))
  process.kill(parent ?? run.pid, 'SIGKILL')
  await until('every program to end by itself', () => processesNaming(dataDirectory).length === 0)
  directory.remove()
})
