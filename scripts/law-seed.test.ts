import fc from 'fast-check'
import { expect, test } from 'vitest'

test('a law that fails says the seed that the run was asked for', () => {
  const { seed, failed } = fc.check(fc.property(fc.nat(), () => false))
  expect(failed).toBe(true)
  const asked = process.env.MESHSCOPE_SEED ?? '1'
  if (asked !== 'random') expect(seed).toBe(Number(asked))
})
