import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MadeOfSums } from './made-of-sums.ts'
import { createTestMesh, runTestTraffic, type TestMesh } from './test-mesh.ts'

let mesh: TestMesh
beforeEach(() => {
  mesh = createTestMesh()
  runTestTraffic(mesh)
})
afterEach(async () => {
  await mesh.store.close()
})

describe('MadeOfSums', () => {
  const sums = new MadeOfSums<object>(2)
  let made = 0
  const get = (name: string) =>
    sums.get(name, mesh, async ground => {
      made++
      const range = { startMs: mesh.nowMs() - 60_000, endMs: mesh.nowMs() }
      const { rows } = await ground.store.sum({ by: ['name'], where: { view: 'inbound' }, range })
      return { rows }
    })
  beforeEach(() => {
    made = 0
  })

  test('makes nothing again while its sums are the same, and once for all who ask at a time', async () => {
    const all = await Promise.all([get('a'), get('a')])
    expect(await get('a')).toBe(all[0])
    expect(all[1]).toBe(all[0])
    expect(made).toBe(1)
  })

  test('makes it again when something was counted in the range', async () => {
    const first = await get('b')
    runTestTraffic(mesh)
    expect(await get('b')).not.toEqual(first)
    expect(made).toBe(2)
  })

  test('forgets the name that was not asked for longest', async () => {
    for (const name of ['c', 'd', 'c', 'e', 'c']) await get(name)
    expect(made).toBe(3)
    await get('d')
    expect(made).toBe(4)
  })

  test('asks again for what failed', async () => {
    const failing = sums.get('f', mesh, () => Promise.reject(new Error('The store is gone')))
    await expect(failing).rejects.toThrow('The store is gone')
    await expect(get('f')).resolves.toBeDefined()
  })
})
