import { Series, type SeriesList } from './series-group.ts'
import type { HttpMetrics, Outcome, RouteError } from './telemetry.ts'

/** Further statuses are counted without one. */
const MAX_STATUSES = 64

/** Requests of one route of an outbound policy, or what of them went to one backend. Durations are in seconds. */
export class PolicyRouteSeries extends Series implements HttpMetrics {
  requests = 0
  /** By the labels that tell how they ended. */
  statuses = new Map<string, number>()
  durations: number[]
  sumSeconds = 0

  constructor(
    labels: string,
    list: SeriesList,
    /** Upper bounds of `durations`, in seconds; one more counts all that took longer. */
    readonly boundsSeconds: readonly number[],
  ) {
    super(labels, list)
    this.durations = emptyCounts(boundsSeconds)
  }

  request(): void {
    this.touch()
    this.requests++
  }

  response(outcome: Outcome, _: number, durationMs: number): void {
    this.touch()
    const seconds = durationMs / 1000
    const at = this.boundsSeconds.findIndex(bound => seconds <= bound)
    this.durations[at < 0 ? this.boundsSeconds.length : at]! += 1
    this.sumSeconds += seconds
    const end = endLabels(outcome)
    const isRoom = this.statuses.has(end) || this.statuses.size < MAX_STATUSES
    const counted = isRoom ? end : 'http_status="",error="UNKNOWN"'
    this.statuses.set(counted, (this.statuses.get(counted) ?? 0) + 1)
  }

  protected override reset(): void {
    this.requests = 0
    this.statuses = new Map()
    this.durations = emptyCounts(this.boundsSeconds)
    this.sumSeconds = 0
  }
}

const ERRORS: ReadonlyMap<string, RouteError> = new Map([
  ['timeout', 'REQUEST_TIMEOUT'],
  ['upstream closed', 'IO'],
  ['client closed', 'CANCEL'],
  ['h2(CANCEL)', 'CANCEL'],
  ['h2(REFUSED_STREAM)', 'REFUSED'],
  ['h2(ENHANCE_YOUR_CALM)', 'ENHANCE_YOUR_CALM'],
])

function routeError({ cause, error }: Outcome): RouteError | '' {
  if (cause !== undefined) return cause
  if (error === '') return ''
  return ERRORS.get(error) ?? (error.startsWith('h2(') ? 'RESET' : 'UNKNOWN')
}

function endLabels(outcome: Outcome): string {
  const error = routeError(outcome)
  return `http_status="${error === '' ? outcome.status : ''}",error="${error}"`
}

function emptyCounts(bounds: readonly number[]): number[] {
  return Array.from({ length: bounds.length + 1 }, () => 0)
}
