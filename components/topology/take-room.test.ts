import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Box, RoomTaker } from './take-room.ts'

const box = fc.record({
  left: fc.integer({ min: -50, max: 400 }),
  top: fc.integer({ min: -50, max: 400 }),
  width: fc.integer({ min: 1, max: 150 }),
  height: fc.integer({ min: 1, max: 40 }),
})

function overlap(a: Box, b: Box): boolean {
  const apart =
    a.left + a.width <= b.left ||
    b.left + b.width <= a.left ||
    a.top + a.height <= b.top ||
    b.top + b.height <= a.top
  return !apart
}

describe('RoomTaker', () => {
  test('gives a box its room exactly when it lies over none that has some', () => {
    fc.assert(
      fc.property(fc.array(box, { maxLength: 40 }), boxes => {
        const room = new RoomTaker()
        const given: Box[] = []
        for (const one of boxes) {
          const isFree = !given.some(other => overlap(one, other))
          expect(room.take(one)).toBe(isFree)
          if (isFree) given.push(one)
        }
      }),
    )
  })
})
