import { type Load, loadAt } from './peak-ewma.ts'

/**
 * The less loaded of two candidates chosen at random (the power of two choices); the first of equals.
 * `random` returns numbers of [0, 1). `undefined` when there is no candidate.
 */
export function chooseEndpoint<T extends { readonly load: Load }>(
  candidates: readonly T[],
  nowMs: number,
  random: () => number,
): T | undefined {
  const count = candidates.length
  if (count < 2) return candidates[0]
  const first = Math.floor(random() * count)
  const offset = 1 + Math.floor(random() * (count - 1))
  const a = candidates[first]
  const b = candidates[(first + offset) % count]
  if (a === undefined || b === undefined) return a ?? b
  return loadAt(a.load, nowMs) <= loadAt(b.load, nowMs) ? a : b
}
