import { describe, expect, test } from 'vitest'
import { boundsOf, fitBounds, fitWidth, toPicture, toScreen } from './viewport.ts'

describe('fitBounds()', () => {
  test('shows the whole bounds in the middle', () => {
    const bounds = { left: -500, top: 0, right: 1_500, bottom: 400 }
    const view = fitBounds(bounds, { width: 1_000, height: 600 }, 1.25)
    expect(toScreen(view, { x: -500, y: 200 })).toEqual({ x: 0, y: 300 })
    expect(toScreen(view, { x: 1_500, y: 200 })).toEqual({ x: 1_000, y: 300 })
  })

  test('does not enlarge a small picture beyond what was asked', () => {
    const view = fitBounds({ left: 0, top: 0, right: 10, bottom: 10 }, { width: 1_000, height: 600 }, 1.25)
    expect(view.scale).toBe(1.25)
  })
})

describe('fitWidth()', () => {
  const bounds = { left: -250, top: -100, right: 250, bottom: 1_900 }

  test('shows the whole width from the top on, when all of it would be too small', () => {
    const view = fitWidth(bounds, { width: 400, height: 500 }, 1.25)
    expect(toScreen(view, { x: -250, y: -100 })).toEqual({ x: 0, y: 14 })
    expect(toScreen(view, { x: 250, y: -100 })).toEqual({ x: 400, y: 14 })
  })

  test('shows all of what is wide', () => {
    const wide = { ...bounds, bottom: 0 }
    expect(fitWidth(wide, { width: 400, height: 500 }, 1.25)).toEqual(
      fitBounds(wide, { width: 400, height: 500 }, 1.25),
    )
  })
})

describe('toPicture()', () => {
  test('undoes toScreen()', () => {
    const view = { scale: 0.5, left: 30, top: -40 }
    expect(toPicture(view, toScreen(view, { x: 12, y: 34 }))).toEqual({ x: 12, y: 34 })
  })
})

describe('boundsOf()', () => {
  test('has none without a point', () => {
    expect(boundsOf([], 10)).toBeNull()
    expect(boundsOf([{ x: 1, y: 2 }], 10)).toEqual({ left: -9, top: -8, right: 11, bottom: 12 })
  })
})
