import { describe, expect, test } from 'vitest'
import { placeTooltip } from './place-tooltip.ts'

const view = { width: 400, height: 300 }
const tooltip = { width: 100, height: 40 }
const at = (left: number, top: number) => ({ left, top, right: left + 20, bottom: top + 10 })

describe('placeTooltip()', () => {
  test('stands above the middle', () => {
    expect(placeTooltip(at(190, 100), tooltip, view)).toEqual({ left: 150, top: 54 })
  })

  test('goes below where there is no room above', () => {
    expect(placeTooltip(at(190, 20), tooltip, view)).toEqual({ left: 150, top: 36 })
  })

  test('stays within the view on both sides, and begins at the left of one that is too narrow', () => {
    expect(placeTooltip(at(0, 100), tooltip, view).left).toBe(8)
    expect(placeTooltip(at(380, 100), tooltip, view).left).toBe(292)
    expect(placeTooltip(at(0, 100), tooltip, { width: 60, height: 300 }).left).toBe(8)
  })
})
