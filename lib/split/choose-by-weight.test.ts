import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chooseByWeight } from './choose-by-weight.ts'

const candidates = (weights: readonly number[]) => weights.map((weight, index) => ({ weight, index }))
const weights = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 })), { maxLength: 6 })

test('chooseByWeight() cuts [0, 1) into shares of the weights, in their order', () => {
  const all = candidates([1, 0, 3])
  const at = (value: number) => chooseByWeight(all, () => value)?.index
  expect([0, 0.249, 0.25, 0.999].map(at)).toEqual([0, 0, 2, 2])
})

test('chooseByWeight() never chooses a weight of 0, and nothing only when all are', () => {
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (all, value) => {
      const chosen = chooseByWeight(candidates(all), () => value)
      if (all.every(weight => weight === 0)) expect(chosen).toBeUndefined()
      else expect(chosen?.weight).toBeGreaterThan(0)
    }),
  )
})

test('chooseByWeight() gives each its share, whatever the weights add up to', () => {
  const steps = 1000
  fc.assert(
    fc.property(weights, all => {
      const sum = all.reduce((a, b) => a + b, 0)
      const counts = all.map(() => 0)
      for (let i = 0; i < steps; i++) {
        const chosen = chooseByWeight(candidates(all), () => i / steps)
        if (chosen !== undefined) counts[chosen.index]!++
      }
      for (const [index, weight] of all.entries()) {
        const share = sum === 0 ? 0 : (weight / sum) * steps
        expect(Math.abs(counts[index]! - share)).toBeLessThanOrEqual(1)
      }
    }),
  )
})
