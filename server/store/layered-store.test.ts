import { afterEach, expect, test } from 'vitest'
import { cellKey, deltaAt, describeStore, epochMs } from './conformance.ts'
import { closeHistories, historyPath, openTestHistory } from './history/test-history.ts'
import { createLayeredStore } from './layered-store.ts'
import { createMemoryStore } from './memory/memory-store.ts'
import type { Question, Store } from './store.ts'

afterEach(closeHistories)

const layered = async (path?: string): Promise<Store> =>
  createLayeredStore(createMemoryStore({ intervalMs: 5_000 }), await openTestHistory(path))

describeStore('layered store', { make: () => layered() })

const ask = async (store: Store, startMs: number, endMs: number, changed: Partial<Question> = {}) => {
  const range = { startMs: epochMs + startMs, endMs: epochMs + endMs }
  return store.sum({ by: ['pod'], where: { view: 'inbound' }, range, ...changed })
}

test('sum() is answered from both lives, whole, when a range touches both', async () => {
  const path = await historyPath()
  const key = cellKey()
  const before = await layered(path)
  for (let i = 1; i <= 24; i++) before.append(deltaAt(epochMs + i * 5_000, [{ key, success: 1 }]))
  await before.close()

  const after = await layered(path)
  expect(after.heardSinceMs).toBe(epochMs)
  // The slot in which one life ended and the other began is whole, too.
  for (let i = 25; i <= 48; i++) after.append(deltaAt(epochMs + i * 5_000, [{ key, success: 100 }]))
  const whole = await ask(after, 0, 250_000)
  expect(whole.rows.map(row => row.sums.success)).toEqual([24 + 2_400])
  const recent = await ask(after, 130_000, 250_000)
  expect(recent).toMatchObject({ stepSeconds: 5, rows: [{ sums: { success: 2_300 } }] })
  const steps = await ask(after, 100_000, 150_000, { stepSeconds: 10 })
  expect(steps.rows.map(row => row.sums.success)).toEqual([2, 2, 101, 200, 200])
})

test('sum() answers for the recent past alone, when there is no history to be had', async () => {
  const store = createLayeredStore(
    createMemoryStore({ intervalMs: 5_000 }),
    await openTestHistory('/proc/nowhere/history.duckdb'),
  )
  expect(store.problem).toMatch(/^Cannot open history \/proc\/nowhere\/history\.duckdb: .*; .+/)
  store.append(deltaAt(epochMs, [{ key: cellKey(), success: 7 }]))
  expect((await ask(store, 0, 5_000)).rows.map(row => row.sums.success)).toEqual([7])
  expect(store.retained(epochMs).startMs).toBeGreaterThan(epochMs - 4_000_000)
})

test('sum() is answered by the history, when the numbers of the recent past had to leave', async () => {
  const store = createLayeredStore(
    createMemoryStore({ intervalMs: 5_000, maxCells: 10 }),
    await openTestHistory(),
  )
  for (let i = 0; i < 60; i++) {
    store.append(deltaAt(epochMs + i * 5_000, [{ key: cellKey({ port: `${i}` }), success: 1 }]))
  }
  expect(store.stats().evictedCells).toBeGreaterThan(40)
  expect(store.lostBeforeMs).toBeNull()
  expect((await ask(store, 0, 300_000)).rows.map(row => row.sums.success)).toEqual([60])
})
