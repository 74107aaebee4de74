import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { moments } from '#demo/timeline.ts'
import type { MarkersAnswer } from '#lib/api/markers.ts'
import { commandLine, movedMesh, processesNaming, runDemo, temporaryDirectory } from './support/demo.ts'
import { api } from './support/requests.ts'
import { untilInDemo as until } from './support/until.ts'

// Each wait has room for a busy machine, and a test for several of them.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })

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

test('the story comes as markers, after what was broken from the start; kill -9 leaves nothing', async () => {
  const directory = temporaryDirectory()
  const { file } = await movedMesh(directory.path)
  const dataDirectory = join(directory.path, 'data')
  const pace = 10
  const story = ['--pace', String(pace), '--break', 'users']
  const run = runDemo(['--mesh-file', file, '--data-dir', dataDirectory, '--port', '0', ...story])
  const base = await run.address()
  const [first, second] = moments
  const markers = await until('two turns', async () => {
    const { rows } = await api<MarkersAnswer>(base, '/markers?window=5m')
    return rows.some(({ title }) => title === second?.title) && rows
  })
  const told = markers.filter(({ title }) => ['Users broken', first?.title, second?.title].includes(title))
  expect(told.map(({ title }) => title)).toEqual(['Users broken', first?.title, second?.title])
  expect(told[1]).toMatchObject({ detail: first?.detail, namespace: first?.namespace })
  const [brokenAtMs = 0, firstAtMs = 0] = told.map(({ at }) => Date.parse(at))
  expect(firstAtMs - brokenAtMs).toBeGreaterThan((((first?.atSecond ?? 0) - 5) * 1_000) / pace)
  const parent = processesNaming(dataDirectory).find(id => commandLine(id).includes('demo/main.ts'))
  process.kill(parent ?? run.pid, 'SIGKILL')
  await until('every program to end by itself', () => processesNaming(dataDirectory).length === 0)
  directory.remove()
})
