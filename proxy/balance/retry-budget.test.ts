import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_RETRY_BUDGET, RetryBudget } from './retry-budget.ts'

test('withdraw() allows the minimum without any request, and again when its time is over', () => {
  const budget = new RetryBudget(DEFAULT_RETRY_BUDGET, 0)
  const allowed = (nowMs: number) => {
    let count = 0
    while (budget.withdraw(nowMs)) count++
    return count
  }
  expect(allowed(0)).toBe(100)
  expect(allowed(9_999)).toBe(0)
  expect(allowed(10_000)).toBe(100)
})

test('withdraw() allows one retry for five requests at a ratio of 0.2', () => {
  const budget = new RetryBudget({ retryRatio: 0.2, minRetriesPerSecond: 0, ttlMs: 10_000 }, 0)
  for (let i = 0; i < 4; i++) budget.deposit(100)
  expect(budget.withdraw(100)).toBe(false)
  budget.deposit(100)
  expect(budget.withdraw(100)).toBe(true)
  expect(budget.withdraw(100)).toBe(false)
})

test('withdraw() allows a fifth of a thousand requests, and not one more', () => {
  const budget = new RetryBudget({ retryRatio: 0.2, minRetriesPerSecond: 0, ttlMs: 10_000 }, 0)
  for (let i = 0; i < 1000; i++) budget.deposit(i)
  let retries = 0
  while (budget.withdraw(1000)) retries++
  expect(retries).toBe(200)
})

test('withdraw() forgets requests that are older than the time to live', () => {
  const budget = new RetryBudget({ retryRatio: 1, minRetriesPerSecond: 0, ttlMs: 1000 }, 0)
  budget.deposit(0)
  expect(budget.withdraw(1000)).toBe(false)
})

const settings = fc.record({
  retryRatio: fc.constantFrom(0, 0.2, 0.5, 1, 2),
  minRetriesPerSecond: fc.nat(5),
  ttlMs: fc.constantFrom(1000, 10_000),
})
const steps = fc.array(fc.record({ waitMs: fc.nat(700), requests: fc.nat(6), retries: fc.nat(6) }), {
  maxLength: 60,
})

test('within the time to live, retries never exceed the share of requests and the minimum', () => {
  fc.assert(
    fc.property(settings, steps, (wanted, course) => {
      const budget = new RetryBudget(wanted, 0)
      const { retryRatio, minRetriesPerSecond, ttlMs } = wanted
      const requests: number[] = []
      const retries: number[] = []
      let nowMs = 0
      for (const step of course) {
        nowMs += step.waitMs
        for (let i = 0; i < step.requests; i++) {
          budget.deposit(nowMs)
          requests.push(nowMs)
        }
        let isSpent = false
        for (let i = 0; i < step.retries && budget.withdraw(nowMs); i++) {
          isSpent = true
          retries.push(nowMs)
        }
        if (!isSpent) continue
        // Both are forgotten by the tenth: retries at least nine tenths old may be, requests up to a whole one count.
        const spent = retries.filter(atMs => atMs > nowMs - 0.9 * ttlMs).length
        const asked = requests.filter(atMs => atMs > nowMs - ttlMs).length
        expect(spent).toBeLessThanOrEqual(asked * retryRatio + (minRetriesPerSecond * ttlMs) / 1000 + 1e-6)
      }
    }),
  )
})

test('withdraw() always allows what the minimum leaves', () => {
  fc.assert(
    fc.property(steps, course => {
      const budget = new RetryBudget({ retryRatio: 0, minRetriesPerSecond: 2, ttlMs: 1000 }, 0)
      const retries: number[] = []
      let nowMs = 0
      for (const step of course) {
        nowMs += step.waitMs
        for (let i = 0; i < step.retries; i++) {
          const isAllowed = budget.withdraw(nowMs)
          const spent = retries.filter(atMs => atMs > nowMs - 1000).length
          if (spent < 2) expect(isAllowed).toBe(true)
          if (isAllowed) retries.push(nowMs)
        }
      }
    }),
  )
})
