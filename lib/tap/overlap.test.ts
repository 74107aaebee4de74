import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Overlap } from './overlap.ts'

test('Overlap lets each request through once, however two streams of the same requests interleave', () => {
  fc.assert(
    fc.property(
      fc.nat(20),
      fc.nat(20),
      fc.nat(20),
      fc.infiniteStream(fc.boolean()),
      (before, both, after, turns) => {
        const all = Array.from({ length: before + both + after }, (_, i) => `request ${i}`)
        const older = all.slice(0, before + both)
        const newer = all.slice(before)
        const overlap = new Overlap()
        const told: string[] = []
        while (older.length + newer.length > 0) {
          const isOlder = newer.length === 0 || (older.length > 0 && turns.next().value)
          const key = (isOlder ? older : newer).shift() ?? ''
          const isKnown = isOlder ? overlap.isKnownFromNewer(key) : overlap.isKnownFromOlder(key)
          if (!isKnown) told.push(key)
        }
        expect(told.toSorted()).toEqual(all.toSorted())
      },
    ),
  )
})

test('Overlap lets a request through as often as it was made, when several have the same key', () => {
  const overlap = new Overlap()
  expect([overlap.isKnownFromNewer('a'), overlap.isKnownFromNewer('a')]).toEqual([false, false])
  expect([1, 2, 3].map(() => overlap.isKnownFromOlder('a'))).toEqual([true, true, false])
})
