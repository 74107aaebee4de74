import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SeriesBudget } from './series-budget.ts'

test('most is what one target may have, and at last what the others leave', () => {
  const budget = new SeriesBudget({ perTarget: 100, total: 150 })
  const [first, second] = [budget.open(), budget.open()]
  expect(first.most).toBe(100)
  first.use(100)
  expect(first.most).toBe(100)
  expect(second.most).toBe(75)
  second.use(10)
  expect(budget.used).toBe(110)
  expect(first.most).toBe(100)
  first.close()
  first.close()
  expect(budget.used).toBe(10)
  expect(second.most).toBe(100)
})

test('targets that keep to it have twice the total at most, and each its equal part', () => {
  const wants = fc.array(fc.tuple(fc.nat(9), fc.nat(500)), { maxLength: 60 })
  fc.assert(
    fc.property(wants, all => {
      const budget = new SeriesBudget({ perTarget: 200, total: 1_000 })
      const shares = Array.from({ length: 10 }, () => budget.open())
      for (const [at, wanted] of all) {
        const share = shares[at]!
        expect(share.most).toBeGreaterThanOrEqual(100)
        if (wanted <= share.most) share.use(wanted)
        expect(budget.used).toBe(shares.reduce((sum, { used }) => sum + used, 0))
        expect(budget.used).toBeLessThanOrEqual(2_000)
      }
    }),
  )
})
