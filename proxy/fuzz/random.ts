/** Numbers of [0, 1) that the seed alone decides (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A whole number of [0, `limit`). */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit)
}

export function oneOf<T>(random: () => number, all: readonly [T, ...T[]]): T {
  return all[below(random, all.length)] ?? all[0]
}
