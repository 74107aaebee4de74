import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import type { Flow } from './graph.ts'

const wavePeriodSeconds = 120
const waveHeight = 0.25
const episodeEverySeconds = 300
const episodeSeconds = 60
/** Answers at all times that take eight times as long as the others. */
const slowRatio = 0.03
const slowFactor = 8

/** What a flow has come to, counted from the beginning. All of it only grows with time. */
export interface FlowCounts {
  readonly requests: number
  readonly successes: number
  readonly failures: number
  /** Successes by latency: what fell between one of Linkerd's bounds and the next. */
  readonly latencyCounts: readonly number[]
  readonly latencySumMs: number
}

/** What a flow has come to after `seconds`, from a formula: whoever asks at one moment gets one answer. */
export function flowCounts(flow: Flow, seconds: number): FlowCounts {
  const { requestsPerSecond, failureRatio, episode, typicalMs } = flow
  const asked = requestsPerSecond * (seconds + wave(seconds + flow.phaseSeconds) - wave(flow.phaseSeconds))
  // At the least that comes in an episode, so that no more goes wrong than was asked.
  const inEpisodes = episode
    ? episode.ratio * (1 - waveHeight) * requestsPerSecond * episodesWithin(flow.phaseSeconds, seconds)
    : 0
  const failed = failureRatio * asked + (episode?.kind === 'fails' ? inEpisodes : 0)
  const succeeded = asked - failed
  const slow = slowRatio * succeeded + (episode?.kind === 'slow' ? inEpisodes : 0)
  const quick = succeeded - slow
  let below = 0
  const latencyCounts = [...linkerdLatencyBoundsMs, Number.POSITIVE_INFINITY].map(boundMs => {
    const reached = Math.floor(
      quick * shareWithin(boundMs, typicalMs) + slow * shareWithin(boundMs, typicalMs * slowFactor),
    )
    const count = reached - below
    below = reached
    return count
  })
  const failures = Math.floor(failed)
  return {
    requests: below + failures,
    successes: below,
    failures,
    latencyCounts,
    latencySumMs: Math.floor(typicalMs * (quick + slowFactor * slow)),
  }
}

/** The integral of the wave around the mean. */
function wave(seconds: number): number {
  const angular = (2 * Math.PI) / wavePeriodSeconds
  return (-waveHeight * Math.cos(angular * seconds)) / angular
}

/** How many of the seconds from `phase` to `phase + seconds` lie in an episode; one begins every five minutes. */
function episodesWithin(phase: number, seconds: number): number {
  const until = (second: number) =>
    Math.floor(second / episodeEverySeconds) * episodeSeconds +
    Math.min(second % episodeEverySeconds, episodeSeconds)
  return until(phase + seconds) - until(phase)
}

/** The share of answers within `boundMs`, most of them near `typicalMs` (a Weibull distribution). */
function shareWithin(boundMs: number, typicalMs: number): number {
  return 1 - Math.exp(-((boundMs / typicalMs) ** 2))
}
