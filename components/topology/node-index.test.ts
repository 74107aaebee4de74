import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { NodeIndex } from './node-index.ts'

const point = fc.record({ x: fc.integer({ min: -600, max: 600 }), y: fc.integer({ min: -600, max: 600 }) })

describe('NodeIndex', () => {
  test('finds what looking at every item finds', () => {
    fc.assert(
      fc.property(
        fc.array(point, { maxLength: 60 }),
        point,
        fc.integer({ min: 1, max: 300 }),
        (items, at, reach) => {
          const distances = items.map(item => Math.hypot(item.x - at.x, item.y - at.y))
          const least = Math.min(Number.POSITIVE_INFINITY, ...distances)
          const found = new NodeIndex(items).nearest(at, reach)
          if (least > reach) expect(found).toBeNull()
          else expect(found && Math.hypot(found.x - at.x, found.y - at.y)).toBe(least)
        },
      ),
    )
  })
})
