// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { setUrlParams } from './set-url-params.ts'

beforeEach(() => {
  vi.useFakeTimers()
  window.history.replaceState(null, '', '/?window=1m')
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** Marks what is set as Next's router does once it listens; returns the addresses that it heard of. */
function routerListens(): string[] {
  const heard: string[] = []
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = window.history[name].bind(window.history)
    vi.spyOn(window.history, name).mockImplementation((_, unused, url) => {
      heard.push(String(url))
      original({ __NA: true }, unused, url)
    })
  }
  return heard
}

test('setUrlParams() tells a router once, when it listens', () => {
  const heard = routerListens()
  setUrlParams({ window: '5m' })
  vi.advanceTimersByTime(10_000)
  expect(heard).toEqual(['/?window=5m'])
})

test('setUrlParams() tells a router that begins to listen later, in the same entry of the history', () => {
  const before = window.history.length
  setUrlParams({ window: '5m' })
  const entries = window.history.length
  const heard = routerListens()
  vi.advanceTimersByTime(10_000)
  expect(heard).toHaveLength(1)
  expect(heard[0]).toMatch(/\?window=5m$/)
  expect([entries, window.history.length]).toEqual([before + 1, before + 1])
})

test('setUrlParams() ends telling when nobody listens, and when the address is another', () => {
  setUrlParams({ window: '5m' })
  vi.advanceTimersByTime(10_000)
  expect(vi.getTimerCount()).toBe(0)
  setUrlParams({ window: '10m' })
  window.history.replaceState(null, '', '/?window=1m')
  const heard = routerListens()
  vi.advanceTimersByTime(10_000)
  expect(heard).toEqual([])
})
