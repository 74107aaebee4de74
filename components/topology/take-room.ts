/** A rectangle on the screen. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const bucketPx = 64

/** Gives room on the screen to whoever comes first, so that no two things lie over each other. */
export class RoomTaker {
  private readonly buckets = new Map<number, Box[]>()

  /** Takes the room if all of it is free, and says whether it was. */
  take(box: Box): boolean {
    const keys = keysOf(box)
    for (const key of keys) {
      if (this.buckets.get(key)?.some(other => overlaps(other, box))) return false
    }
    for (const key of keys) {
      const bucket = this.buckets.get(key)
      if (bucket) bucket.push(box)
      else this.buckets.set(key, [box])
    }
    return true
  }
}

function keysOf({ left, top, width, height }: Box): number[] {
  const keys: number[] = []
  for (let column = Math.floor(left / bucketPx); column <= Math.floor((left + width) / bucketPx); column++) {
    for (let row = Math.floor(top / bucketPx); row <= Math.floor((top + height) / bucketPx); row++) {
      keys.push(column * 100_000 + row)
    }
  }
  return keys
}

function overlaps(a: Box, b: Box): boolean {
  return (
    a.left < b.left + b.width &&
    b.left < a.left + a.width &&
    a.top < b.top + b.height &&
    b.top < a.top + a.height
  )
}
