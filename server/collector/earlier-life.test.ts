import { afterEach, expect, test } from 'vitest'
import type { EarlierLife } from '#server/store/earlier-life.ts'
import { closeAll, counted, exposition, instance, serve, start } from './test-collector.ts'

afterEach(closeAll)

const longAgoMs = Date.now() - 3_600_000
const earlier = (text: string | null, countedUntilMs = longAgoMs + 60_000): EarlierLife => ({
  countedUntilMs,
  takeBaseline: async () =>
    text === null ? null : { endMs: countedUntilMs, exposition: new TextEncoder().encode(text) },
})

/** The first delta of a proxy that shows this, for a server that lived before. */
async function firstDelta(shown: string, life: EarlierLife) {
  const { port } = await serve((_, response) => response.end(shown))
  const { platform, deltas } = start({ earlier: life })
  platform.set(instance('web-0', port))
  await expect.poll(() => deltas.length).toBeGreaterThan(0)
  return { first: deltas[0]!, total: counted(deltas) }
}

test('what a proxy counted since an earlier life is one delta over the time between, and marked', async () => {
  const life = earlier(exposition(100, longAgoMs))
  const { first, total } = await firstDelta(exposition(142, longAgoMs), life)
  expect(total).toBe(42)
  expect(first).toMatchObject({ startMs: life.countedUntilMs, isRecovered: true })
})

test('a proxy that started again since the earlier life counts from zero', async () => {
  const startedMs = longAgoMs + 1_800_000
  const { first, total } = await firstDelta(exposition(7, startedMs), earlier(exposition(100, longAgoMs)))
  expect(total).toBe(7)
  expect(first).toMatchObject({ startMs: startedMs, isRecovered: true })
})

test('a proxy that the earlier life cannot have known counts from its start', async () => {
  const startedMs = longAgoMs + 1_800_000
  expect(await firstDelta(exposition(9, startedMs), earlier(null))).toMatchObject({
    total: 9,
    first: { startMs: startedMs, isRecovered: true },
  })
})

test('a proxy that is older than the earlier life and was never scraped begins with a baseline', async () => {
  const { first, total } = await firstDelta(exposition(9, longAgoMs), earlier(null))
  expect(total).toBe(0)
  expect(first.isRecovered).toBeUndefined()
})

test('a baseline that cannot be read is none', async () => {
  const { total } = await firstDelta(exposition(9, longAgoMs), earlier('\0\0garbage\n'.repeat(2_000)))
  expect(total).toBe(0)
})
