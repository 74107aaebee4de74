import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('TokenBucket gives at most its rate and one second of savings, whenever it is asked', () => {
  const waits = fc.array(fc.nat(400), { minLength: 1, maxLength: 200 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), waits, (perSecond, gapsMs) => {
      const bucket = new TokenBucket(perSecond, 0)
      let [nowMs, taken] = [0, 0]
      for (const gapMs of gapsMs) {
        nowMs += gapMs
        while (bucket.tryTake(nowMs)) taken++
        expect(taken).toBeLessThanOrEqual(perSecond + (nowMs * perSecond) / 1_000 + 1e-6)
      }
      expect(taken).toBeGreaterThanOrEqual(perSecond)
    }),
  )
})

test('TokenBucket.take() goes into debt, which is paid before there is any again', () => {
  const bucket = new TokenBucket(10, 0)
  for (let i = 0; i < 15; i++) bucket.take(0)
  expect(bucket.available(0)).toBe(-5)
  expect(bucket.tryTake(500)).toBe(false)
  expect(bucket.tryTake(600)).toBe(true)
  // A clock that goes back gives nothing twice.
  expect(bucket.tryTake(0)).toBe(false)
})
