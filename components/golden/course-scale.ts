/** What an axis reaches over, and where it is labelled. */
export interface CourseScale {
  readonly bottom: number
  readonly top: number
  readonly ticks: readonly number[]
}

const roundFactors = [1, 2, 3, 4, 5, 6, 8, 10]

/** A round number not below `value`: one digit and zeros. 1 for 0, so that an idle course lies on the ground. */
export function roundCeiling(value: number): number {
  if (value <= 0) return 1
  const unit = 10 ** Math.floor(Math.log10(value))
  const factor = roundFactors.find(one => one * unit >= value * (1 - 1e-9)) ?? 10
  return Number((factor * unit).toPrecision(1))
}

/**
 * The scale of an amount, from zero. It grows at once and shrinks only when less than a third of `before` is used, so
 * that a live chart does not pump. Ticks are at the bottom, half way and at the top; of `whole` amounts only whole ones.
 */
export function amountScale(most: number, before: CourseScale | null, whole: boolean): CourseScale {
  const wanted = roundCeiling(most)
  const top =
    before !== null && before.bottom === 0 && most <= before.top && most * 3 > before.top
      ? before.top
      : wanted
  const half = top / 2
  return { bottom: 0, top, ticks: whole && !Number.isInteger(half) ? [0, top] : [0, half, top] }
}

const successFloors = [0.99, 0.95, 0.9, 0.8, 0.5, 0]
const fineFloor = 0.995

/**
 * The scale of a success rate, up to 1. Its floor is so near that 99.9 % and 100 % are told apart, and lower only as
 * far as `least` demands. It rises again when `least` is well above `before`.
 */
export function successScale(least: number, before: CourseScale | null): CourseScale {
  const wanted = least >= 0.9975 ? fineFloor : (successFloors.find(floor => floor <= least) ?? 0)
  const keeps =
    before !== null && before.top === 1 && before.bottom <= least && 1 - least > (1 - before.bottom) / 3
  const bottom = keeps ? before.bottom : wanted
  return { bottom, top: 1, ticks: [bottom, (bottom + 1) / 2, 1] }
}

const timeStepsSeconds = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800,
  259_200, 345_600, 604_800,
]

/** Where a time axis is labelled: round times of the local day, at most `maximum` of them, within start and end. */
export function timeTicks(startMs: number, endMs: number, zoneAheadMs: number, maximum: number): number[] {
  const leastSeconds = (endMs - startMs) / 1_000 / maximum
  const stepMs = (timeStepsSeconds.find(seconds => seconds >= leastSeconds) ?? 604_800) * 1_000
  const ticks: number[] = []
  const first = Math.ceil((startMs + zoneAheadMs) / stepMs) * stepMs - zoneAheadMs
  for (let at = first; at <= endMs && ticks.length < maximum; at += stepMs) ticks.push(at)
  return ticks
}

/**
 * Where labels go that want to stand at `wanted` (pixels from the top): in the same order, at least `gap` apart and
 * within 0 and `height`, each as near to its place as its neighbours let it.
 */
export function spreadLabels(wanted: readonly number[], gap: number, height: number): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] ?? 0) - (wanted[b] ?? 0))
  const placed: number[] = []
  let least = 0
  for (const index of order) {
    placed[index] = Math.max(least, wanted[index] ?? 0)
    least = (placed[index] ?? 0) + gap
  }
  let most = height
  for (const index of order.toReversed()) {
    placed[index] = Math.min(most, placed[index] ?? 0)
    most = (placed[index] ?? 0) - gap
  }
  return placed
}
