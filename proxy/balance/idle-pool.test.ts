import { describe, expect, test, vi } from 'vitest'
import { IdlePool } from './idle-pool.ts'

function item(isUsable = true) {
  return { isUsable, close: vi.fn<() => void>() }
}

describe('IdlePool', () => {
  test('take() gives the last one put, and skips what became unusable', () => {
    const pool = new IdlePool<ReturnType<typeof item>>({ maxIdle: 9, idleTimeoutMs: 1000, nowMs: () => 0 })
    const [first, second, broken] = [item(), item(), item(false)]
    for (const one of [first, second, broken]) pool.put(one)
    expect(pool.take()).toBe(second)
    expect(broken.close).toHaveBeenCalledOnce()
    expect(pool.take()).toBe(first)
    expect(pool.take()).toBeNull()
    pool.close()
  })

  test('put() closes what is too many, and everything once the pool is closed', () => {
    const pool = new IdlePool<ReturnType<typeof item>>({ maxIdle: 1, idleTimeoutMs: 1000, nowMs: () => 0 })
    const [kept, surplus, late] = [item(), item(), item()]
    pool.put(kept)
    pool.put(surplus)
    expect(surplus.close).toHaveBeenCalledOnce()
    expect(kept.close).not.toHaveBeenCalled()
    pool.close()
    pool.close()
    pool.put(late)
    expect(kept.close).toHaveBeenCalledOnce()
    expect(late.close).toHaveBeenCalledOnce()
  })

  test('closes what was idle for the timeout, and nothing younger', () => {
    vi.useFakeTimers()
    try {
      let nowMs = 0
      const pool = new IdlePool<ReturnType<typeof item>>({
        maxIdle: 9,
        idleTimeoutMs: 1000,
        nowMs: () => nowMs,
      })
      const [old, young] = [item(), item()]
      pool.put(old)
      nowMs = 600
      pool.put(young)
      nowMs = 1000
      vi.advanceTimersByTime(1000)
      expect(old.close).toHaveBeenCalledOnce()
      expect(young.close).not.toHaveBeenCalled()
      nowMs = 1600
      vi.advanceTimersByTime(600)
      expect(young.close).toHaveBeenCalledOnce()
      expect(pool.size).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })
})
