import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FailureAccrual } from './failure-accrual.ts'

const settings = { maxFailures: 3, minPenaltyMs: 1000, maxPenaltyMs: 6000, jitterRatio: 0 }

/** An endpoint that failed for as long as it was let. */
function shut(nowMs: number): FailureAccrual {
  const accrual = new FailureAccrual(settings, () => 0)
  for (let i = 0; i < settings.maxFailures; i++) accrual.ended(true, nowMs)
  return accrual
}

test('isAvailable() is true until so many failed in a row', () => {
  const accrual = new FailureAccrual(settings, () => 0)
  for (const isFailure of [true, true, false, true, null, true]) accrual.ended(isFailure, 0)
  expect(accrual.isAvailable(0)).toBe(true)
  accrual.ended(true, 0)
  expect(accrual.isAvailable(999)).toBe(false)
  expect(accrual.isAvailable(1000)).toBe(true)
})

test('after the penalty one request may try, whose success lets all in again', () => {
  const accrual = shut(0)
  accrual.began(1000)
  expect(accrual.isAvailable(9000)).toBe(false)
  accrual.ended(false, 9000)
  expect(accrual.isAvailable(9000)).toBe(true)
  accrual.began(9000)
  expect(accrual.isAvailable(9000)).toBe(true)
})

test('each failed try doubles the penalty, up to the longest', () => {
  const accrual = shut(0)
  let nowMs = 1000
  for (const penaltyMs of [2000, 4000, 6000, 6000]) {
    accrual.began(nowMs)
    accrual.ended(true, nowMs)
    expect(accrual.isAvailable(nowMs + penaltyMs - 1)).toBe(false)
    nowMs += penaltyMs
    expect(accrual.isAvailable(nowMs)).toBe(true)
  }
})

test('chance prolongs each penalty by its share, and none beyond the longest', () => {
  const accrual = new FailureAccrual({ ...settings, jitterRatio: 0.5 }, () => 0.5)
  for (let i = 0; i < settings.maxFailures; i++) accrual.ended(true, 0)
  let nowMs = 0
  for (const penaltyMs of [1250, 2500, 5000, 6000, 6000]) {
    expect(accrual.isAvailable(nowMs + penaltyMs - 1)).toBe(false)
    nowMs += penaltyMs
    expect(accrual.isAvailable(nowMs)).toBe(true)
    accrual.began(nowMs)
    accrual.ended(true, nowMs)
  }
})

test('a try whose client left says nothing, and another may try', () => {
  const accrual = shut(0)
  accrual.began(1000)
  accrual.ended(null, 1100)
  expect(accrual.isAvailable(1100)).toBe(true)
  accrual.began(1100)
  expect(accrual.isAvailable(1200)).toBe(false)
})

const steps = fc.array(fc.record({ waitMs: fc.nat(3000), end: fc.constantFrom(true, true, false, null) }), {
  maxLength: 80,
})

test('however requests end, an endpoint is never left alone for longer than the longest penalty, nor before enough failed', () => {
  fc.assert(
    fc.property(steps, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (course, random) => {
      const accrual = new FailureAccrual({ ...settings, jitterRatio: 0.5 }, () => random)
      let nowMs = 0
      let lastEndMs = 0
      let inARow = 0
      for (const { waitMs, end } of course) {
        nowMs += waitMs
        if (!accrual.isAvailable(nowMs)) {
          expect(inARow).toBeGreaterThanOrEqual(settings.maxFailures)
          expect(nowMs - lastEndMs).toBeLessThan(settings.maxPenaltyMs)
          continue
        }
        accrual.began(nowMs)
        accrual.ended(end, nowMs)
        lastEndMs = nowMs
        if (end !== null) inARow = end ? inARow + 1 : 0
      }
    }),
  )
})
