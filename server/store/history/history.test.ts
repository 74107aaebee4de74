import { afterEach, expect, test } from 'vitest'
import { slotStartMs } from '#lib/metrics/slots.ts'
import { cellKey, deltaAt, describeStore, epochMs } from '#server/store/conformance.ts'
import type { Range, Store } from '#server/store/store.ts'
import { describeHistories } from '#server/store/test-histories.ts'
import { Database } from './database.ts'
import type { History } from './history.ts'
import { levels } from './levels.ts'
import { closeHistories, historyPath, openTestHistory } from './test-history.ts'

afterEach(closeHistories)

const make = ({ intervalMs }: { readonly intervalMs: number }): Promise<History> =>
  openTestHistory(undefined, intervalMs)
const pause = async (store: Store): Promise<Store> => {
  await (store as History).flush()
  return store
}
const hour = 3_600_000
const day = 24 * hour

describeStore('history', { make, slotMs: 10_000 })
describeHistories('history of hours', { make, spanMs: 6 * hour, runs: 4, pause })
describeHistories('history of days', { make, spanMs: 13 * day, runs: 4, pause })

const success = async (store: Store, range: Range): Promise<number> => {
  const { rows } = await store.sum({ by: [], where: { view: 'inbound' }, range })
  return rows.reduce((total, row) => total + row.sums.success, 0)
}

test('flush() keeps all that was appended for whoever opens the file next', async () => {
  const path = await historyPath()
  const range = { startMs: epochMs, endMs: epochMs + 2 * hour }
  for (let life = 0; life < 3; life++) {
    const history = await openTestHistory(path)
    expect(await success(history, range)).toBe(life * 60)
    for (let i = 0; i < 30; i++) {
      const cell = { key: cellKey({ peerId: `life ${life}` }), success: 2, tcpOpen: life }
      history.append(deltaAt(epochMs + life * 1_800_000 + i * 60_000, [cell]))
      if (i % 10 === 9) await history.flush()
    }
    await history.close()
  }
  const history = await openTestHistory(path)
  const { rows } = await history.sum({
    by: ['peerId'],
    where: { view: 'inbound' },
    range,
    stepSeconds: hour / 1_000,
  })
  expect(rows.map(row => [row.key[0], row.sums.success, row.sums.tcpOpen])).toEqual([
    ['life 0', 60, 0],
    ['life 1', 60, 1],
    ['life 2', 60, 2],
  ])
})

test('flush() lets go of slots that are kept no longer', async () => {
  const path = await historyPath()
  const history = await openTestHistory(path)
  history.append(deltaAt(epochMs, [], { pod: 'gone-0', exposition: new TextEncoder().encode('a 1') }))
  const days = 16
  for (let i = 0; i < days * 8; i++) {
    history.append(deltaAt(epochMs + i * 3 * hour, [{ key: cellKey(), success: 1, tcpOpen: 1 }]))
    if (i % 8 === 7) await history.flush()
  }
  const newestMs = epochMs + (days * 8 - 1) * 3 * hour
  const range = { startMs: epochMs, endMs: newestMs + 1 }
  expect(history.heardSinceMs).toBe(newestMs - 14 * day)
  expect(await success(history, { ...range, startMs: newestMs - 14 * day })).toBe(14 * 8 + 1)
  const midnightMs = slotStartMs(newestMs, day) + 16 * day
  history.append(deltaAt(midnightMs - day, [{ key: cellKey(), tcpOpen: 0 }]))
  for (const atMs of [midnightMs, midnightMs + day]) {
    history.append(deltaAt(atMs, [{ key: cellKey({ port: '9090' }), success: 1 }]))
    await history.flush()
  }
  await history.close()
  const database = await Database.open(path)
  const [ports] = await database.columns('SELECT port FROM cells')
  expect(ports).toEqual(['9090'])
  const [pods] = await database.columns('SELECT pod FROM instances')
  expect(pods).toEqual(['web-0'])
  database.close()
})

test('flush() lets go of slots of each level at its own time', async () => {
  const path = await historyPath()
  const history = await openTestHistory(path)
  const newestMs = epochMs + 15 * day
  for (let atMs = epochMs; atMs <= newestMs; atMs += 3 * hour) {
    history.append(deltaAt(atMs, [{ key: cellKey(), success: 1 }]))
  }
  await history.flush()
  await history.close()
  const database = await Database.open(path)
  for (const { seconds, keptMs } of levels) {
    const [[oldest] = []] = await database.columns(`SELECT min(slot)::DOUBLE FROM counts_${seconds}`)
    expect(Number(oldest)).toBe((newestMs - keptMs) / 1_000)
  }
  database.close()
})

test('a pod that comes back after its name left the file is known by it again', async () => {
  const path = await historyPath()
  const history = await openTestHistory(path)
  const cells = [{ key: cellKey({ pod: 'back-0' }), success: 5 }]
  history.append(deltaAt(epochMs, cells, { pod: 'back-0' }))
  const backMs = epochMs + 20 * day
  for (let atMs = epochMs; atMs <= backMs; atMs += 12 * hour) {
    history.append(deltaAt(slotStartMs(atMs, 12 * hour), [{ key: cellKey(), success: 1 }]))
    await history.flush()
  }
  history.append(deltaAt(backMs, cells, { pod: 'back-0' }))
  await history.close()
  const again = await openTestHistory(path)
  const asked = { by: ['pod'], where: { view: 'inbound', pod: 'back-0' } } as const
  const answer = await again.sum({ ...asked, range: { startMs: backMs - hour, endMs: backMs + hour } })
  expect(answer.rows.map(({ key, sums }) => [key[0], sums.success])).toEqual([['back-0', 5]])
  expect(answer.coverage.map(({ pod }) => pod)).toContain('back-0')
})

test('earlierLife() tells where counting goes on from, and the time between is a gap ever after', async () => {
  const path = await historyPath()
  const expositionOf = (text: string) => new TextEncoder().encode(text)
  const first = await openTestHistory(path)
  expect(first.earlierLife().countedUntilMs).toBeNull()
  expect(await first.earlierLife().takeBaseline('shop', 'web-0')).toBeNull()
  for (const [i, text] of ['old', 'newest'].entries()) {
    first.append(deltaAt(epochMs + i * 5_000, [], { exposition: expositionOf(text) }))
    if (i === 0) await first.flush()
  }
  await first.close()

  const second = await openTestHistory(path)
  const earlier = second.earlierLife()
  expect(earlier.countedUntilMs).toBe(epochMs + 5_000)
  const baseline = await earlier.takeBaseline('shop', 'web-0')
  expect(baseline?.endMs).toBe(epochMs + 5_000)
  expect(new TextDecoder().decode(baseline?.exposition)).toBe('newest')
  expect(await earlier.takeBaseline('shop', 'web-9')).toBeNull()
  const recovered = { startMs: epochMs + 5_000, exposition: expositionOf('of this life'), isRecovered: true }
  second.append(deltaAt(epochMs + hour, [], recovered))
  await second.flush()
  const gap = { startMs: epochMs + 5_000, endMs: epochMs + hour }
  expect(second.gaps).toEqual([gap])
  // What this life saved would be counted twice.
  expect(await earlier.takeBaseline('shop', 'web-0')).toBeNull()
  await second.close()
  expect((await openTestHistory(path)).gaps).toEqual([gap])
})
