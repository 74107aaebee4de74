import { expect, test } from 'vitest'
import { cellKey, deltaAt, describeStore, epochMs } from '#server/store/conformance.ts'
import { dimensions } from '#server/store/store.ts'
import { describeHistories } from '#server/store/test-histories.ts'
import { createMemoryStore } from './memory-store.ts'

describeStore('memory store', { make: createMemoryStore })
describeHistories('memory store', { make: createMemoryStore, spanMs: 3_000_000 })

test('append() lets the longest idle cells go, when there are too many', async () => {
  const store = createMemoryStore({ intervalMs: 5_000, maxCells: 20 })
  for (let i = 0; i < 100; i++) {
    store.append(deltaAt(epochMs + i * 5_000, [{ key: cellKey({ port: String(i) }), success: 1 }]))
  }
  expect(store.stats().cells).toBeLessThanOrEqual(20)
  const range = { startMs: epochMs, endMs: epochMs + 500_000 }
  const { rows } = await store.sum({ by: ['port'], where: { view: 'inbound' }, range })
  const ports = rows.map(row => Number(row.key[0]))
  expect(Math.max(...ports)).toBe(99)
  expect(Math.min(...ports)).toBeGreaterThanOrEqual(80)
  expect(store.stats().evictedCells).toBe(100 - store.stats().cells)
  await store.close()
})

test('append() lets idle cells go while they take too much memory, and says from when on numbers are whole', async () => {
  const maxBytes = 200_000
  const store = createMemoryStore({ intervalMs: 5_000, maxBytes })
  expect(store.lostBeforeMs).toBeNull()
  const busy = cellKey({ port: '80' })
  for (let i = 0; i < 400; i++) {
    const passing = { key: cellKey({ port: '81', peerId: `${i}` }), success: 1 }
    store.append(deltaAt(epochMs + i * 5_000, [{ key: busy, success: 1 }, passing]))
    expect(store.stats().bytes).toBeLessThanOrEqual(maxBytes)
  }
  const lostBeforeMs = store.lostBeforeMs ?? 0
  expect(lostBeforeMs).toBeGreaterThan(epochMs)
  const since = async (startMs: number, port: string) => {
    const range = { startMs, endMs: epochMs + 2_000_000 }
    const { rows } = await store.sum({ by: [], where: { view: 'inbound', port }, range })
    return rows[0]?.sums.success
  }
  const firstWhole = Math.ceil((lostBeforeMs - epochMs) / 10_000) * 2
  expect(await since(epochMs, '80')).toBe(400)
  expect(await since(epochMs + firstWhole * 5_000, '81')).toBe(400 - firstWhole)
  expect(await since(epochMs, '81')).toBeLessThan(400)
  await store.close()
})

test('append() counts on in a new cell, when the same key comes back after its cell left', async () => {
  const store = createMemoryStore({ intervalMs: 5_000 })
  const key = cellKey()
  store.append(deltaAt(epochMs, [{ key, success: 1 }]))
  for (let i = 1; i <= 90; i++) store.append(deltaAt(epochMs + i * 60_000, []))
  expect(store.stats().cells).toBe(0)
  store.append(deltaAt(epochMs + 91 * 60_000, [{ key, success: 2 }]))
  const range = { startMs: epochMs + 90 * 60_000, endMs: epochMs + 92 * 60_000 }
  const { rows } = await store.sum({ by: [], where: { view: 'inbound' }, range })
  expect(rows.map(row => row.sums.success)).toEqual([2])
  await store.close()
})

test('stats() stays bounded, when the same cells count for hours', () => {
  const store = createMemoryStore({ intervalMs: 5_000 })
  const key = cellKey()
  const sizes: number[] = []
  for (let i = 0; i < 3 * 720; i++) {
    store.append(deltaAt(epochMs + i * 5_000, [{ key, success: 3, readBytes: 1_000 }]))
    if (i % 720 === 719) sizes.push(store.stats().bytes)
  }
  expect(sizes[2]).toBeLessThan(sizes[0]! * 1.3)
  expect(sizes[2]).toBeLessThan(16_000)
  expect(sizes[2]).toBeGreaterThan(3_000)
})

test('stats() tells of no memory, when all that was counted is too old', () => {
  const store = createMemoryStore({ intervalMs: 5_000 })
  for (let i = 0; i < 200; i++) {
    const cells = [{ key: cellKey({ port: `${i % 7}` }), success: i, tcpOpened: i % 3 }]
    store.append(deltaAt(epochMs + i * 5_000, cells, { pod: `web-${i % 3}` }))
  }
  const fullBytes = store.stats().bytes
  store.append(deltaAt(epochMs + 20 * 3_600_000, [], { pod: 'other' }))
  expect(store.stats()).toMatchObject({ cells: 0, evictedCells: 0 })
  expect(store.stats().bytes).toBeLessThan(fullBytes / 20)
})

test('sum() groups the same, when cells were grouped by many other choices of dimensions before', async () => {
  const store = createMemoryStore({ intervalMs: 5_000 })
  const cells = ['1', '2', '3'].map(port => ({ key: cellKey({ port, peerId: 'a' }), success: Number(port) }))
  store.append(deltaAt(epochMs, cells))
  const range = { startMs: epochMs, endMs: epochMs + 5_000 }
  const choices = dimensions.flatMap(a => dimensions.map(b => [a, b]))
  for (const by of [...choices, ...choices]) {
    const { rows } = await store.sum({ by, where: { view: 'inbound' }, range })
    expect(rows.length).toBe(by.includes('port') ? 3 : 1)
  }
  await store.close()
})

test('sum() tells of what was counted, and of who came and left, since the same was asked', async () => {
  const store = createMemoryStore({ intervalMs: 5_000, maxCells: 20 })
  const ask = async (endMs: number) => {
    const range = { startMs: epochMs, endMs }
    const { rows } = await store.sum({ by: ['port'], where: { view: 'inbound' }, range })
    return rows.map(({ key, sums }) => [key[0], sums.success])
  }
  const count = (atMs: number, port: number) =>
    store.append(deltaAt(atMs, [{ key: cellKey({ port: String(port) }), success: 1 }]))
  count(epochMs, 1)
  expect(await ask(epochMs + 10_000)).toEqual([['1', 1]])
  count(epochMs + 10_000, 1)
  expect(await ask(epochMs + 10_000)).toEqual([['1', 1]])
  expect(await ask(epochMs + 15_000)).toEqual([['1', 2]])
  count(epochMs + 5_000, 2)
  expect(await ask(epochMs + 10_000)).toEqual([
    ['1', 1],
    ['2', 1],
  ])
  for (let i = 0; i < 40; i++) count(epochMs + 20_000 + i, 100 + i)
  expect(await ask(epochMs + 10_000)).toEqual([])
  await store.close()
})
