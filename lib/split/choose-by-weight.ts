/**
 * One of the candidates, each as often as its weight's share of the sum; `undefined` when no weight is above 0.
 * `random` returns numbers of [0, 1).
 */
export function chooseByWeight<T extends { readonly weight: number }>(
  candidates: readonly T[],
  random: () => number,
): T | undefined {
  let sum = 0
  for (const { weight } of candidates) sum += weight
  let rest = random() * sum
  let chosen: T | undefined
  for (const candidate of candidates) {
    if (candidate.weight <= 0) continue
    chosen = candidate
    rest -= candidate.weight
    if (rest < 0) break
  }
  return chosen
}
