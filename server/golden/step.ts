import { formatDuration, parseDurationMs } from '#lib/metrics/duration.ts'
import type { Range } from '#server/store/store.ts'
import { QuestionError } from './question-error.ts'

const niceSeconds = [
  1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600, 43_200, 86_400,
]
const usualPoints = 60
const maximumPoints = 1_500

/**
 * The length of a step in seconds: the one asked for, else a round one that gives some sixty points of at least two
 * scrapes each. Throws a QuestionError for one below two scrapes, or that gives over 1,500 points.
 */
export function readStepSeconds(text: string | undefined, range: Range, minimumMs: number): number {
  const lengthMs = range.endMs - range.startMs
  const shortestMs = Math.max(1_000, Math.ceil(minimumMs / 1_000) * 1_000)
  if (text === undefined) {
    const wantedMs = Math.max(lengthMs / usualPoints, shortestMs)
    return niceSeconds.find(seconds => seconds * 1_000 >= wantedMs) ?? 86_400
  }
  const stepMs = parseDurationMs(text)
  const isFit =
    stepMs !== undefined && stepMs >= shortestMs && stepMs % 1_000 === 0 && lengthMs / stepMs <= maximumPoints
  if (isFit) return stepMs / 1_000
  const leastMs = Math.max(shortestMs, Math.ceil(lengthMs / maximumPoints / 1_000) * 1_000)
  throw new QuestionError(
    'STEP_INVALID',
    `Cannot use step: expected whole seconds, ${formatDuration(leastMs)} or more for this range, got ${JSON.stringify(text)}`,
    `Give step=${formatDuration(leastMs)} or more, or leave it out`,
  )
}
