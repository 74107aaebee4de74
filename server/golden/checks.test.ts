import { expect, test } from 'vitest'
import type { ReadableStore } from '#server/store/store.ts'
import { createGolden } from './golden.ts'
import { createTestMesh, runTestTraffic, type TestMesh } from './test-mesh.ts'
import { turnTaking } from './turn-taking-store.ts'

function wellMesh(): TestMesh {
  const mesh = createTestMesh()
  runTestTraffic(mesh)
  return mesh
}

/** The checks that are not well, by id, as `state: finding → hint`. */
async function unwell(mesh: TestMesh, store: ReadableStore = mesh.store): Promise<Record<string, string>> {
  const { rows } = await createGolden({ ...mesh, store }).ask('checks', {})
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length)
  const bad = rows.filter(({ state }) => state !== 'ok')
  return Object.fromEntries(
    bad.map(({ id, state, finding, hint }) => [id, `${state}: ${finding} → ${hint ?? ''}`]),
  )
}

test('all is well of a server that is well, and nothing has to be done', async () => {
  const mesh = wellMesh()
  expect(await unwell(mesh)).toEqual({})
  const { rows } = await createGolden(mesh).ask('checks', {})
  expect(rows.filter(({ hint }) => hint !== null)).toEqual([])
})

test('proxies that do not answer, print what cannot be read, are slow or have too many series are named', async () => {
  const mesh = wellMesh()
  mesh.setTarget('web-0', { state: 'down', error: 'connection refused' })
  mesh.setTarget('users-0', { error: 'Left out 2 samples' })
  mesh.setTarget('catalog-0', { scrapeMs: 7_000 })
  mesh.setSelf({ series: { used: 500, perProxy: 1_000, total: 10_000, refused: 1 } })
  expect(await unwell(mesh)).toEqual({
    proxies: expect.stringMatching(/^warn: 3 of 4 answer\. shop\/web-0: connection refused → See that/),
    expositions: expect.stringMatching(/^warn: shop\/users-0: Left out 2 samples → /),
    'scrape-time': expect.stringMatching(/^warn: The slowest took 7000 ms, of 5000 ms\. shop\/catalog-0 → /),
    series: expect.stringMatching(/^fail: 500 of 10,000, .*; 1 left out → .*--max-series/),
  })
})

test('numbers that are old, or incomplete, and a history that fails are told with what helps', async () => {
  const mesh = wellMesh()
  for (let i = 0; i < 30; i++) mesh.pass()
  const store: ReadableStore = Object.create(
    turnTaking(mesh.store, () => 0),
    {
      problem: { value: 'Cannot write history /data/h: the disk is full; free some space' },
      lastCompleteSlotEndMs: { value: () => mesh.nowMs() - 150_000 },
      stats: {
        value: () => ({ cells: 9, bytes: 95, maxBytes: 100, evictedCells: 7, droppedDeltas: 2 }),
      },
    },
  )
  expect(await unwell(mesh, store)).toEqual({
    freshness: expect.stringMatching(/^fail: 2 min 30 s old, where 20 s are usual → /),
    history: 'fail: Cannot write history /data/h: the disk is full → free some space',
    'recent-memory': expect.stringMatching(/2 scrapes came too late.*; 7 label sets left early → /),
  })
})

test('a server that lacks room, time or a valid authority says so', async () => {
  const mesh = wellMesh()
  mesh.setSelf({
    series: null,
    disk: { path: '/data', freeBytes: 60 * 1_024 ** 2 },
    certificates: [
      { name: 'The trust anchor', expiresAtMs: mesh.nowMs() + 1e12 },
      { name: 'The issuer', expiresAtMs: mesh.nowMs() + 3 * 86_400_000 },
    ],
    clockMovedMs: -65_000,
    heap: { usedBytes: 90, limitBytes: 100 },
    loop: { p99Ms: 250.2, longestMs: 900 },
  })
  expect(await unwell(mesh)).toEqual({
    series: 'unknown: This server scrapes nothing → ',
    disk: expect.stringMatching(/^fail: 60\.0\sMiB free at \/data → /),
    certificates: expect.stringMatching(/^warn: The issuer expires in 3 d → /),
    clock: expect.stringMatching(/^warn: It was set back by 1 min 5 s since the start → /),
    heap: expect.stringMatching(/^warn: /),
    'event-loop': expect.stringMatching(
      /^warn: Of 100 waits 99 were under 251 ms, the longest took 900 ms → /,
    ),
  })
})
