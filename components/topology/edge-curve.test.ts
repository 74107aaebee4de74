import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arrowAt, distanceTo, edgeCurve, pointOn } from './edge-curve.ts'

const point = fc.record({
  x: fc.double({ min: -1_000, max: 1_000, noNaN: true }),
  y: fc.double({ min: -1_000, max: 1_000, noNaN: true }),
})

describe('edgeCurve()', () => {
  test('leaves to the right and arrives from the left, for a callee to the right', () => {
    const [start, , , end] = edgeCurve({ x: 0, y: 0 }, { x: 300, y: 40 }, 20, 20)
    expect(start).toEqual({ x: 20, y: 0 })
    expect(end).toEqual({ x: 280, y: 40 })
  })

  test('leaves downwards and arrives from above, for a callee below where calls go down', () => {
    const [start, , , end] = edgeCurve({ x: 0, y: 0 }, { x: 40, y: 300 }, 20, 20, 0, 'down')
    expect(start).toEqual({ x: 0, y: 20 })
    expect(end).toEqual({ x: 40, y: 280 })
  })

  test('goes two ways for calls in both directions', () => {
    const [a, b] = [
      { x: 0, y: 0 },
      { x: 300, y: 0 },
    ]
    const there = pointOn(edgeCurve(a, b, 20, 20), 0.5)
    const back = pointOn(edgeCurve(b, a, 20, 20), 0.5)
    expect(Math.hypot(there.x - back.x, there.y - back.y)).toBeGreaterThan(30)
  })

  test('has a length even from a node to itself', () => {
    const curve = edgeCurve({ x: 5, y: 5 }, { x: 5, y: 5 }, 20, 20)
    expect(pointOn(curve, 0.5).y).toBeLessThan(-15)
  })

  test('is hit on its own points, and ends in its arrow', () => {
    fc.assert(
      fc.property(point, point, fc.integer({ min: 0, max: 16 }), (from, to, sixteenth) => {
        const curve = edgeCurve(from, to, 20, 20)
        expect(distanceTo(curve, pointOn(curve, sixteenth / 16), 5)).toBeLessThan(0.001)
        expect(arrowAt(curve, 9)[0]).toEqual(curve[3])
        expect(curve.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
      }),
    )
  })
})
