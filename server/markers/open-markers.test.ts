import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openMarkers } from './open-markers.ts'

let folder: string
let path: string
let told: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-markers-'))
  path = join(folder, 'markers.json')
  told = []
})
afterEach(async () => {
  await rm(folder, { recursive: true })
})

const open = () => openMarkers({ path, log: message => told.push(message) })
const markerAt = (second: number) => ({
  id: String(second),
  at: new Date(second * 1_000).toISOString(),
  title: 'rollout',
  detail: '',
  namespace: '',
})

test('openMarkers() finds what was kept before, in a file for its owner alone', async () => {
  const before = await open()
  for (const second of [3, 1, 2]) before.add(markerAt(second))
  await before.close()
  await before.close()
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const after = await open()
  expect(after.list(0, 10_000).map(({ id }) => id)).toEqual(['1', '2', '3'])
  expect(told).toEqual([])
  await after.close()
})

test.each(['{"markers": [', '{"markers": [{"id": 1}]}', '[]'])(
  'openMarkers() sets a file of %j aside and says so',
  async content => {
    await writeFile(path, content)
    const markers = await open()
    expect(markers.list(0, Number.MAX_SAFE_INTEGER)).toEqual([])
    expect(told).toEqual([expect.stringContaining(`${path}.broken`)])
    expect(await readFile(`${path}.broken`, 'utf8')).toBe(content)
    await markers.close()
  },
)

test('add() goes on and says so once, when the file cannot be written', async () => {
  const markers = await open()
  await rm(folder, { recursive: true })
  for (const second of [1, 2]) {
    markers.add(markerAt(second))
    await markers.close()
  }
  expect(markers.list(0, 10_000)).toHaveLength(2)
  expect(told).toEqual([expect.stringContaining('Cannot write')])
  await writeFile(folder, '')
})
