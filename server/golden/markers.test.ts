import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createGolden, type Golden } from './golden.ts'
import { addMarker } from './markers.ts'
import { createTestMesh, type TestMesh } from './test-mesh.ts'

let mesh: TestMesh
let golden: Golden
beforeEach(() => {
  mesh = createTestMesh()
  golden = createGolden(mesh)
})
afterEach(async () => {
  await mesh.store.close()
})

describe('markers', () => {
  const at = (offsetMs: number) => new Date(mesh.nowMs() + offsetMs).toISOString()

  test('are those of the time, of a namespace and the whole mesh', async () => {
    const told = [
      { title: 'long ago', at: at(-7_200_000) },
      { title: 'everywhere', at: at(-30_000) },
      { title: 'in shop', at: at(-10_000), namespace: 'shop', detail: 'web 1.4.2' },
      { title: 'in batch', namespace: 'batch' },
    ]
    for (const body of told) addMarker(mesh, body)
    const titles = async (query: Record<string, string>) =>
      (await golden.ask('markers', query)).rows.map(({ title }) => title)
    expect(await titles({})).toEqual(['everywhere', 'in shop', 'in batch'])
    expect(await titles({ namespace: 'shop' })).toEqual(['everywhere', 'in shop'])
    expect(await titles({ window: '20s', namespace: '_all' })).toEqual(['in shop', 'in batch'])
    expect(await titles({ start: at(-7_300_000), end: at(-7_100_000) })).toEqual(['long ago'])
  })

  test('addMarker() keeps what is told twice of one instant once', () => {
    const told = { title: 'Rollout', at: at(-1_000), namespace: 'shop' }
    const { id } = addMarker(mesh, told)
    expect(addMarker(mesh, told).id).toBe(id)
    expect(addMarker(mesh, { ...told, detail: '1.4.2' }).id).not.toBe(id)
    expect(addMarker(mesh, { ...told, at: at(-2_000) }).id).not.toBe(id)
    expect(addMarker(mesh, { title: 'x' }).id).not.toBe(addMarker(mesh, { title: 'x' }).id)
  })

  test.each([
    [{}, 'title'],
    [{ title: '' }, 'title'],
    [{ title: '' }, 'expected 1 to 120 characters'],
    [{ title: ' \u200b ' }, 'not blanks alone'],
    [{ title: 'roll\nout' }, 'no control'],
    [{ title: 'roll\u001b[31mout' }, 'no control'],
    [{ title: 'roll\u202eout' }, 'bidi'],
    [{ title: 'x', detail: 'a\u0007' }, 'detail: expected at most 1000'],
    [{ title: 'x', detail: 'a\u2066' }, 'bidi'],
    [{ title: 'x'.repeat(121) }, 'title'],
    ['rollout', 'body'],
    [{ title: 'x', at: 'yesterday' }, 'yesterday'],
    [{ title: 'x', at: '2099-01-01T00:00:00Z' }, '2099'],
  ])('addMarker() refuses %j', (body, named) => {
    expect(() => addMarker(mesh, body)).toThrow(
      expect.objectContaining({ code: 'BAD_PARAMETER', message: expect.stringContaining(named) }),
    )
  })

  test('addMarker() refuses a namespace that is not there, and what is older than all that are kept', () => {
    expect(() => addMarker(mesh, { title: 'x', namespace: 'nowhere' })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_NAMESPACE' }),
    )
    for (let i = 0; i < 1_000; i++) addMarker(mesh, { title: `${i}`, at: at(-i) })
    expect(() => addMarker(mesh, { title: 'old', at: at(-1_000) })).toThrow(/newer than/)
    expect(addMarker(mesh, { title: 'new' })).toMatchObject({ title: 'new', detail: '', namespace: '' })
    const detail = 'Größer 🚀\n\t✓'
    expect(addMarker(mesh, { title: 'Größer 🚀', detail })).toMatchObject({ title: 'Größer 🚀', detail })
    expect(mesh.markers.list(0, Number.MAX_SAFE_INTEGER)).toHaveLength(1_000)
  })
})
