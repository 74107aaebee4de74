import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDataDirectory } from './data-directory.ts'
import { layout } from './layout.ts'

let root: string
let path: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'meshscope-data-'))
  path = join(root, 'data')
})
afterEach(() => rm(root, { recursive: true, force: true }))

describe('openDataDirectory()', () => {
  test('makes a directory for its owner alone, with a version', async () => {
    const data = await openDataDirectory({ path, roles: ['control'] })
    expect((await stat(path)).mode & 0o777).toBe(0o700)
    expect((await readFile(layout.version(path), 'utf8')).trim()).toBe('1')
    await data.close()
    await data.close()
  })

  test.skipIf(process.platform !== 'linux')(
    'refuses a place where no folder can be made, at once',
    async () => {
      await expect(openDataDirectory({ path: '/proc/meshscope/data', roles: [] })).rejects.toThrow(
        'Cannot open data directory /proc/meshscope/data: ',
      )
    },
  )

  test('refuses a newer version, and one that is no number', async () => {
    await (await openDataDirectory({ path, roles: [] })).close()
    await writeFile(layout.version(path), '2\n')
    await expect(openDataDirectory({ path, roles: [] })).rejects.toThrow(
      `Cannot open data directory ${path}: expected version 1, found "2", of a newer meshscope; run that one, or choose another place with --data-dir`,
    )
    await writeFile(layout.version(path), 'banana')
    await expect(openDataDirectory({ path, roles: [] })).rejects.toThrow('found "banana"')
  })

  test('refuses a full disk, before it writes anything', async () => {
    await expect(openDataDirectory({ path, roles: [], minFreeBytes: 2 ** 60 })).rejects.toThrow(
      /expected 1099511627776 MiB of free space, found \d+ MiB; free some, or choose another place with --data-dir$/,
    )
    expect(await readdir(path)).toEqual([])
  })

  test('refuses a role that a living process has, and gives it back on close', async () => {
    const first = await openDataDirectory({ path, roles: ['collect'] })
    const other = await openDataDirectory({ path, roles: ['control'] })
    await expect(openDataDirectory({ path, roles: ['control', 'collect'] })).rejects.toThrow(
      `expected ${layout.lock(path, 'control')} to be free, found it held by process ${process.pid}; stop that one, or choose another place with --data-dir`,
    )
    await other.close()
    await expect(openDataDirectory({ path, roles: ['control', 'collect'] })).rejects.toThrow('collect.lock')
    await first.close()
    await (await openDataDirectory({ path, roles: ['control', 'collect'] })).close()
  })

  test('takes over the lock of a process that is gone, of a reused pid, and one that is garbage', async () => {
    await (await openDataDirectory({ path, roles: [] })).close()
    const child = spawn(process.execPath, ['-e', ''])
    await once(child, 'exit')
    const dead = { pid: child.pid, startedAt: '1' }
    const reused = { pid: process.ppid, startedAt: '1' }
    for (const content of [JSON.stringify(dead), JSON.stringify(reused), 'garbage', '']) {
      await writeFile(layout.lock(path, 'control'), content)
      await (await openDataDirectory({ path, roles: ['control'] })).close()
    }
  })

  test('refuses the lock of another living process', async () => {
    await (await openDataDirectory({ path, roles: [] })).close()
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    await once(child, 'spawn')
    await writeFile(layout.lock(path, 'control'), JSON.stringify({ pid: child.pid, startedAt: null }))
    await expect(openDataDirectory({ path, roles: ['control'] })).rejects.toThrow(
      `held by process ${child.pid}`,
    )
    child.kill()
    await once(child, 'exit')
    await (await openDataDirectory({ path, roles: ['control'] })).close()
  })

  test('lets one of many processes win a stale lock', async () => {
    await (await openDataDirectory({ path, roles: [] })).close()
    await writeFile(layout.lock(path, 'control'), 'garbage')
    const script = `
      import { takeLock } from ${JSON.stringify(new URL('lock.ts', import.meta.url).href)}
      try {
        await takeLock(${JSON.stringify(layout.lock(path, 'control'))})
        console.log('won')
      } catch (error) {
        console.log(error.message)
      }
      process.stdin.resume()
    `
    const starters = Array.from({ length: 4 }, () =>
      spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script]),
    )
    const said = await Promise.all(starters.map(async child => String((await once(child.stdout, 'data'))[0])))
    const exits = starters.map(child => once(child, 'exit'))
    for (const child of starters) child.stdin.end()
    expect(said.filter(line => line.startsWith('won'))).toHaveLength(1)
    await Promise.all(exits)
  })

  test('says why a path cannot be a directory', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(openDataDirectory({ path: join(root, 'file', 'data'), roles: [] })).rejects.toThrow(
      /^Cannot open data directory .*ENOTDIR.*; choose another place with --data-dir$/,
    )
  })
})
