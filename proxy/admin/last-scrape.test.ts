import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LastScrape } from './last-scrape.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('next() resolves at the next scrape', async () => {
  const lastScrape = new LastScrape(Date.now)
  const done = vi.fn()
  const waiting = lastScrape.next().then(done)
  await vi.advanceTimersByTimeAsync(5000)
  expect(done).not.toHaveBeenCalled()
  lastScrape.answered()
  await waiting
  expect(vi.getTimerCount()).toBe(0)
})

test.each([
  [null, 10_000],
  [5000, 10_000],
  [1000, 2000],
  [10, 1000],
  [60_000, 10_000],
])('next() of scrapes every %j ms gives up after %d ms', async (intervalMs, waitMs) => {
  const lastScrape = new LastScrape(Date.now)
  if (intervalMs !== null) {
    lastScrape.answered()
    await vi.advanceTimersByTimeAsync(intervalMs)
    lastScrape.answered()
  }
  const done = vi.fn()
  void lastScrape.next().then(done)
  await vi.advanceTimersByTimeAsync(waitMs - 1)
  expect(done).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(done).toHaveBeenCalledOnce()
})
