import { expect, test } from 'vitest'
import type { Store } from '#server/store/store.ts'
import { createGolden } from './golden.ts'
import { createTestMesh } from './test-mesh.ts'
import { turnTaking } from './turn-taking-store.ts'

test('answers say since when there are numbers, and what a range leaves out', async () => {
  const mesh = createTestMesh()
  const nowMs = mesh.nowMs()
  const store: Store = Object.create(
    turnTaking(mesh.store, () => 0),
    {
      lostBeforeMs: { value: Date.parse('2026-03-01T09:45:10Z') },
      heardSinceMs: { value: nowMs - 3_600_000 },
      problem: { value: 'Cannot write history /data/history.duckdb: the disk is full; free some space' },
      gaps: {
        value: [
          { startMs: nowMs - 900_000, endMs: nowMs - 600_000 },
          { startMs: nowMs - 400_000, endMs: nowMs - 340_000 },
        ],
      },
    },
  )
  const golden = createGolden({ ...mesh, store })
  const asked = async (window: string) => golden.ask('golden', { resource: 'deploy', window })
  const at = (offsetMs: number) => `${new Date(nowMs + offsetMs).toISOString().slice(0, 19)}.000Z`

  const short = await asked('1m')
  expect(short.span.gaps).toBeUndefined()
  expect(short.span.oldest).toBe(at(-3_600_000))
  expect(short.note).toBe('Cannot write history /data/history.duckdb: the disk is full; free some space')
  const long = await asked('30m')
  expect(long.span.gaps).toEqual([
    { start: new Date(nowMs - 900_000).toISOString(), end: new Date(nowMs - 600_000).toISOString() },
    { start: new Date(nowMs - 400_000).toISOString(), end: new Date(nowMs - 340_000).toISOString() },
  ])
  expect(long.note).toContain(`From ${at(-400_000)} to ${at(-340_000)}, and once before, no server ran`)
  expect(long.note).toContain(
    'Memory was full: what was idle longest may lack its numbers of before 2026-03-01T09:46:00.000Z',
  )
})
