import { mkdir, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Platform } from '#server/platform/platform.ts'
import { type MeshFileOptions, openMeshFile } from './mesh-file.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}
const service = (name: string): string => `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { selector: { app: ${name} }, ports: [{ port: 80 }] }
`

let folder: string
let file: string
let opened: Platform[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-mesh-'))
  file = join(folder, 'mesh.yaml')
  opened = []
})
afterEach(async () => {
  for (const platform of opened) await platform.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(path: string, more: Partial<MeshFileOptions> = { debounceMs: 20 }): Promise<Platform> {
  const result = await openMeshFile({ ...settings, path, ...more })
  if ('problems' in result) throw new Error(result.problems.join('\n'))
  opened.push(result.platform)
  return result.platform
}

/** Resolves once `condition` holds, looking at each change. */
function until(platform: Platform, condition: () => boolean): Promise<void> {
  return new Promise(resolve => {
    const check = (): void => {
      if (!condition()) return
      stop()
      resolve()
    }
    const stop = platform.subscribe(check)
    check()
  })
}
const names = (platform: Platform): string[] => platform.current().services.map(({ name }) => name)

describe('openMeshFile()', () => {
  test('answers all problems of a broken file at the start, and a missing file', async () => {
    await writeFile(file, service('web').replace('selector', 'selecter').replace('80', 'eighty'))
    const result = await openMeshFile({ ...settings, path: file })
    expect(result).toEqual({
      problems: [
        expect.stringMatching(/mesh\.yaml:4:9: Service shop\/web: spec\.selecter: /),
        expect.stringMatching(/mesh\.yaml:4:\d+: Service shop\/web: spec\.ports\[0\]\.port: /),
      ],
    })
    const missing = await openMeshFile({ ...settings, path: join(folder, 'none.yaml') })
    expect(missing).toEqual({
      problems: [expect.stringMatching(/^Cannot read mesh file .*none\.yaml: ENOENT/)],
    })
  })

  test('follows edits written in place, by rename, and by truncation', async () => {
    await writeFile(file, service('one'))
    const platform = await open(file)
    expect(platform.current().revision).toBe(1)
    await writeFile(file, service('two'))
    await until(platform, () => names(platform)[0] === 'two')
    await writeFile(`${file}.new`, service('three'))
    await rename(`${file}.new`, file)
    await until(platform, () => names(platform)[0] === 'three')
    await truncate(file)
    await writeFile(file, service('four'))
    await until(platform, () => names(platform)[0] === 'four')
    expect(platform.current().revision).toBe(4)
    expect(platform.problem()).toBeNull()
  })

  test('is told of an edit by the system, and reads it after a small part of a second of quiet', async () => {
    await writeFile(file, service('one'))
    const never = 3_600_000
    const platform = await open(file, { lookEveryMs: never })
    const timers = vi.spyOn(globalThis, 'setTimeout')
    await writeFile(`${file}.new`, service('two'))
    await rename(`${file}.new`, file)
    await until(platform, () => names(platform)[0] === 'two')
    const waitedMs = timers.mock.calls.map(([, ms = 0]) => ms).filter(ms => ms !== never)
    timers.mockRestore()
    expect(waitedMs.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(200)
  })

  test('keeps the last good state while the file is broken, empty or gone, and says why', async () => {
    await writeFile(file, service('web'))
    const platform = await open(file)
    const good = platform.current()
    await writeFile(file, service('web').replace('selector', 'selecter'))
    await until(platform, () => platform.problem() !== null)
    expect(platform.problem()).toMatch(/mesh\.yaml:4:9: Service shop\/web: spec\.selecter/)
    expect(platform.current()).toBe(good)
    await writeFile(file, '')
    await until(platform, () => platform.problem()?.includes('found nothing') ?? false)
    await rm(file)
    await until(platform, () => platform.problem()?.includes('ENOENT') ?? false)
    expect(platform.current()).toBe(good)
    await writeFile(file, service('back'))
    await until(platform, () => platform.problem() === null)
    expect(names(platform)).toEqual(['back'])
  })

  test('reads a folder, and follows files that come and go', async () => {
    const mesh = join(folder, 'mesh')
    await mkdir(mesh)
    await writeFile(join(mesh, 'a.yaml'), service('a'))
    await writeFile(join(mesh, 'notes.txt'), 'not YAML: [')
    const platform = await open(mesh)
    await writeFile(join(mesh, 'b.yml'), service('b'))
    await until(platform, () => names(platform).join() === 'a,b')
    await writeFile(join(mesh, 'c.yaml'), service('a'))
    await until(platform, () => platform.problem() !== null)
    expect(platform.problem()).toMatch(
      /c\.yaml:3:\d+: Service shop\/a: metadata\.name: expected a name of its own/,
    )
    await rm(join(mesh, 'c.yaml'))
    await rm(join(mesh, 'a.yaml'))
    await until(platform, () => names(platform).join() === 'b')
  })

  test('calls nobody once closed, and closes twice', async () => {
    await writeFile(file, service('web'))
    const platform = await open(file)
    await platform.close()
    await platform.close()
    await writeFile(file, service('other'))
    expect(names(platform)).toEqual(['web'])
  })
})
