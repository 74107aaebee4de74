import type { Point } from './layout.ts'

/** Which part of the picture is seen: a point of the picture is drawn at `x * scale + left`, `y * scale + top`. */
export interface Viewport {
  readonly scale: number
  readonly left: number
  readonly top: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Bounds {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export const scaleLimits = [0.04, 3] as const

/** The smallest bounds around the points, `margin` wider on every side; `null` without a point. */
export function boundsOf(points: Iterable<Point>, margin: number): Bounds | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { x, y } of points) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x)
    bottom = Math.max(bottom, y)
  }
  if (left > right) return null
  return { left: left - margin, top: top - margin, right: right + margin, bottom: bottom + margin }
}

/** The view that shows the whole bounds in the middle, never enlarged beyond `mostScale`. */
export function fitBounds(bounds: Bounds, size: Size, mostScale: number): Viewport {
  const width = Math.max(bounds.right - bounds.left, 1)
  const height = Math.max(bounds.bottom - bounds.top, 1)
  const wish = Math.min(size.width / width, size.height / height, mostScale)
  const scale = Math.max(wish, scaleLimits[0])
  return {
    scale,
    left: size.width / 2 - ((bounds.left + bounds.right) / 2) * scale,
    top: size.height / 2 - ((bounds.top + bounds.bottom) / 2) * scale,
  }
}

/** Room above for the names of boxes. */
const headPx = 14

/** As `fitBounds`, but what is too high to be read at once begins at its top, and can be moved. */
export function fitWidth(bounds: Bounds, size: Size, mostScale: number): Viewport {
  const whole = fitBounds(bounds, size, mostScale)
  const wide = fitBounds({ ...bounds, bottom: bounds.top + 1 }, size, Math.min(mostScale, 1))
  if (whole.scale >= wide.scale) return whole
  return { ...wide, top: headPx - bounds.top * wide.scale }
}

/** Where a point of the picture is on the screen. */
export function toScreen({ scale, left, top }: Viewport, { x, y }: Point): Point {
  return { x: x * scale + left, y: y * scale + top }
}

/** Which point of the picture is at a point of the screen. */
export function toPicture({ scale, left, top }: Viewport, { x, y }: Point): Point {
  return { x: (x - left) / scale, y: (y - top) / scale }
}
