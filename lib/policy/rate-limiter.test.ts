import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RateLimit } from './rate-limit.ts'
import { RateLimiter } from './rate-limiter.ts'

const ref = { group: 'policy.linkerd.io', kind: 'httplocalratelimitpolicy', name: 'calm' }
const limit = (more: Partial<RateLimit>): RateLimit => ({
  ref,
  totalPerSecond: null,
  identityPerSecond: null,
  overrides: [],
  ...more,
})
const checks = (limiter: RateLimiter, clientId: string, times: number, nowMs = 0) =>
  Array.from({ length: times }, () => limiter.check(clientId, nowMs))

test('check() lets a second of requests through at once, and then one for each share of a second', () => {
  const limiter = new RateLimiter(limit({ totalPerSecond: 4 }))
  expect(checks(limiter, 'a', 5)).toEqual([null, null, null, null, 'total'])
  expect(limiter.check('b', 249)).toBe('total')
  expect(limiter.check('b', 250)).toBeNull()
  expect(limiter.check('b', 250)).toBe('total')
  expect(checks(limiter, 'b', 5, 9_000)).toEqual([null, null, null, null, 'total'])
})

test('check() counts each identity on its own, and clients without one together', () => {
  const limiter = new RateLimiter(limit({ identityPerSecond: 1 }))
  expect([limiter.check('a', 0), limiter.check('b', 0)]).toEqual([null, null])
  expect([limiter.check('a', 0), limiter.check('b', 0)]).toEqual(['identity', 'identity'])
  expect(checks(limiter, '', 2)).toEqual([null, 'identity'])
})

test('check() goes by an override in place of the limit for each identity, after that for all', () => {
  const overrides = [{ perSecond: 3, identities: ['a', 'b'] }]
  const limiter = new RateLimiter(limit({ totalPerSecond: 5, identityPerSecond: 1, overrides }))
  expect([...checks(limiter, 'a', 2), ...checks(limiter, 'b', 2)]).toEqual([null, null, null, 'identity'])
  expect(checks(limiter, 'c', 2)).toEqual([null, 'total'])
})

test('check() tells 4096 clients apart, and lets more of them share until some are idle', () => {
  const limiter = new RateLimiter(limit({ identityPerSecond: 1 }))
  for (let i = 0; i < 4096; i++) expect(limiter.check(`client ${i}`, 0)).toBeNull()
  expect([limiter.check('one more', 0), limiter.check('another', 0)]).toEqual([null, 'identity'])
  expect([limiter.check('one more', 1_000), limiter.check('another', 1_000)]).toEqual([null, null])
})

const arrivals = fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 60 }).map(gaps => {
  let atMs = 0
  return gaps.map(gap => (atMs += gap))
})

test('check() never lets through more than a second holds, plus what the time since then does', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), arrivals, (perSecond, times) => {
      const limiter = new RateLimiter(limit({ totalPerSecond: perSecond }))
      const passed = times.filter(atMs => limiter.check('', atMs) === null)
      for (const [first, fromMs] of passed.entries()) {
        for (const [last, toMs] of passed.entries()) {
          const most = perSecond + ((toMs - fromMs) * perSecond) / 1000
          if (last >= first) expect(last - first + 1).toBeLessThanOrEqual(most + 1e-6)
        }
      }
    }),
  )
})

test('check() refuses only what a bucket that fills at the rate has no token for', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), arrivals, (perSecond, times) => {
      const limiter = new RateLimiter(limit({ identityPerSecond: perSecond }))
      let tokens = perSecond
      let sinceMs = 0
      for (const atMs of times) {
        tokens = Math.min(perSecond, tokens + ((atMs - sinceMs) * perSecond) / 1000)
        sinceMs = atMs
        const isLetThrough = tokens >= 1 - 1e-6
        expect(limiter.check('a', atMs)).toBe(isLetThrough ? null : 'identity')
        if (isLetThrough) tokens -= 1
      }
    }),
  )
})
