import type { Flow, Point } from './layout.ts'

/** A cubic Bézier curve: start, two points that bend it, end. */
export type Curve = readonly [Point, Point, Point, Point]

/** Below this distance to the right a callee is not simply ahead of its caller. */
const aheadPx = 70

/**
 * The line from one node's rim to another's. A callee to the right is reached from left to right; any other in an arc to
 * the right-hand side of its direction, so that calls both ways are two lines; a node that calls itself gets a loop.
 * A line to the right goes `bowPx` below its straight way. Where calls go down, so it is with down for right.
 */
export function edgeCurve(
  from: Point,
  to: Point,
  fromRadius: number,
  toRadius: number,
  bowPx = 0,
  flow: Flow = 'right',
): Curve {
  if (flow === 'right') return curveAlong(from, to, fromRadius, toRadius, bowPx)
  const [a, b, c, d] = curveAlong(turned(from), turned(to), fromRadius, toRadius, bowPx)
  return [turned(a), turned(b), turned(c), turned(d)]
}

function turned({ x, y }: Point): Point {
  return { x: y, y: x }
}

function curveAlong(from: Point, to: Point, fromRadius: number, toRadius: number, bowPx: number): Curve {
  const dx = to.x - from.x
  const dy = to.y - from.y
  const distance = Math.hypot(dx, dy)
  if (distance < 1) return loopAt(from, fromRadius)
  if (dx >= aheadPx && Math.abs(dy) < dx * 3) {
    const start = { x: from.x + fromRadius, y: from.y }
    const end = { x: to.x - toRadius, y: to.y }
    const reach = Math.max((end.x - start.x) * 0.5, 12)
    return [start, { x: start.x + reach, y: start.y + bowPx }, { x: end.x - reach, y: end.y + bowPx }, end]
  }
  const bend = Math.min(0.28 * distance, 120)
  const aside = { x: (-dy / distance) * bend, y: (dx / distance) * bend }
  const near = { x: from.x + dx * 0.25 + aside.x, y: from.y + dy * 0.25 + aside.y }
  const far = { x: from.x + dx * 0.75 + aside.x, y: from.y + dy * 0.75 + aside.y }
  return [towards(from, near, fromRadius), near, far, towards(to, far, toRadius)]
}

function loopAt({ x, y }: Point, radius: number): Curve {
  const reach = radius * 3
  return [
    { x: x - radius * 0.6, y: y - radius * 0.8 },
    { x: x - reach, y: y - reach },
    { x: x + reach, y: y - reach },
    { x: x + radius * 0.6, y: y - radius * 0.8 },
  ]
}

function towards(from: Point, to: Point, distance: number): Point {
  const whole = Math.hypot(to.x - from.x, to.y - from.y) || 1
  return {
    x: from.x + ((to.x - from.x) * distance) / whole,
    y: from.y + ((to.y - from.y) * distance) / whole,
  }
}

/** The point after the share `t` (0–1) of the curve's parameter. */
export function pointOn([a, b, c, d]: Curve, t: number): Point {
  const s = 1 - t
  const [wa, wb, wc, wd] = [s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t]
  return { x: wa * a.x + wb * b.x + wc * c.x + wd * d.x, y: wa * a.y + wb * b.y + wc * c.y + wd * d.y }
}

/** The triangle at the end of the curve: its tip, then its two other corners. */
export function arrowAt([, , c, d]: Curve, sizePx: number): readonly [Point, Point, Point] {
  const length = Math.hypot(d.x - c.x, d.y - c.y) || 1
  const [ux, uy] = [(d.x - c.x) / length, (d.y - c.y) / length]
  const back = { x: d.x - ux * sizePx, y: d.y - uy * sizePx }
  const half = sizePx * 0.5
  return [
    d,
    { x: back.x - uy * half, y: back.y + ux * half },
    { x: back.x + uy * half, y: back.y - ux * half },
  ]
}

const pieces = 16

/** How far a point is from the curve; `Infinity` when it is not within `reach` of the curve's surroundings. */
export function distanceTo(curve: Curve, at: Point, reach: number): number {
  const [a, b, c, d] = curve
  const isFar =
    at.x < Math.min(a.x, b.x, c.x, d.x) - reach ||
    at.x > Math.max(a.x, b.x, c.x, d.x) + reach ||
    at.y < Math.min(a.y, b.y, c.y, d.y) - reach ||
    at.y > Math.max(a.y, b.y, c.y, d.y) + reach
  if (isFar) return Number.POSITIVE_INFINITY
  let nearest = Number.POSITIVE_INFINITY
  let before = curve[0]
  for (let piece = 1; piece <= pieces; piece++) {
    const next = pointOn(curve, piece / pieces)
    nearest = Math.min(nearest, distanceToPiece(before, next, at))
    before = next
  }
  return nearest
}

function distanceToPiece(a: Point, b: Point, at: Point): number {
  const [dx, dy] = [b.x - a.x, b.y - a.y]
  const length2 = dx * dx + dy * dy
  const t = length2 === 0 ? 0 : ((at.x - a.x) * dx + (at.y - a.y) * dy) / length2
  const held = Math.min(Math.max(t, 0), 1)
  return Math.hypot(a.x + dx * held - at.x, a.y + dy * held - at.y)
}
