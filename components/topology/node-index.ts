import type { Point } from './layout.ts'

const bucketPx = 128

/** Finds what is near a point without looking at everything: points by squares of the picture. */
export class NodeIndex<Item extends Point> {
  private readonly buckets = new Map<number, Item[]>()

  constructor(items: Iterable<Item>) {
    for (const item of items) {
      const key = keyOf(Math.floor(item.x / bucketPx), Math.floor(item.y / bucketPx))
      const bucket = this.buckets.get(key)
      if (bucket) bucket.push(item)
      else this.buckets.set(key, [item])
    }
  }

  /** The item nearest to `at` and at most `reach` away; `null` when there is none. */
  nearest(at: Point, reach: number): Item | null {
    let found: Item | null = null
    let distance = reach
    const [left, right] = [Math.floor((at.x - reach) / bucketPx), Math.floor((at.x + reach) / bucketPx)]
    const [top, bottom] = [Math.floor((at.y - reach) / bucketPx), Math.floor((at.y + reach) / bucketPx)]
    for (let column = left; column <= right; column++) {
      for (let row = top; row <= bottom; row++) {
        for (const item of this.buckets.get(keyOf(column, row)) ?? []) {
          const away = Math.hypot(item.x - at.x, item.y - at.y)
          if (away <= distance) [found, distance] = [item, away]
        }
      }
    }
    return found
  }
}

/** Pictures are far less than a million squares high. */
function keyOf(column: number, row: number): number {
  return column * 1_000_003 + row
}
