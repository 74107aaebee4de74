import type { AccrualSettings, OutboundPolicy, RetryPolicy } from '#lib/policy/outbound-policy.ts'
import { retryCodes, retryStatuses } from '#lib/policy/retry-conditions.ts'
import { parseDuration } from './duration.ts'

type Annotations = Readonly<Record<string, string>>

/** Says that an annotation is not what was expected. */
export type AnnotationReport = (key: string, expected: string) => void

const accrualKey = 'balancer.linkerd.io/failure-accrual'
/** Linkerd's own, where annotations leave them out. */
const accrualDefaults: AccrualSettings = {
  maxFailures: 7,
  minPenaltyMs: 1000,
  maxPenaltyMs: 60_000,
  jitterRatio: 0.5,
}
const maxRetries = 100

/**
 * How clients are to use a service, by its annotations `balancer.linkerd.io/failure-accrual*`, `retry.linkerd.io/*` and
 * `timeout.linkerd.io/*`. What cannot be read is reported and left out.
 */
export function outboundPolicyOf(
  annotations: Annotations,
  report: AnnotationReport = () => {},
): OutboundPolicy {
  const read = new Reader(annotations, report)
  return {
    failureAccrual: accrualOf(annotations, read, report),
    retry: retryOf(annotations, read, report),
    requestTimeoutMs: read.durationMs('timeout.linkerd.io/request'),
    responseTimeoutMs: read.durationMs('timeout.linkerd.io/response'),
    idleTimeoutMs: read.durationMs('timeout.linkerd.io/idle'),
  }
}

function accrualOf(annotations: Annotations, read: Reader, report: AnnotationReport): AccrualSettings | null {
  const mode = annotations[accrualKey]
  if (mode === undefined) return null
  if (mode !== 'consecutive') {
    report(accrualKey, 'consecutive')
    return null
  }
  const settings = {
    maxFailures: read.number(`${accrualKey}-consecutive-max-failures`, /^[1-9]\d{0,5}$/, 'a number from 1'),
    minPenaltyMs: read.durationMs(`${accrualKey}-consecutive-min-penalty`),
    maxPenaltyMs: read.durationMs(`${accrualKey}-consecutive-max-penalty`),
    jitterRatio: read.number(
      `${accrualKey}-consecutive-jitter-ratio`,
      /^\d{1,3}(\.\d{1,9})?$/,
      'a number from 0, as in 0.5',
    ),
  }
  const filled = {
    maxFailures: settings.maxFailures ?? accrualDefaults.maxFailures,
    minPenaltyMs: settings.minPenaltyMs ?? accrualDefaults.minPenaltyMs,
    maxPenaltyMs: settings.maxPenaltyMs ?? accrualDefaults.maxPenaltyMs,
    jitterRatio: settings.jitterRatio ?? accrualDefaults.jitterRatio,
  }
  if (filled.minPenaltyMs > 0 && filled.minPenaltyMs <= filled.maxPenaltyMs) return filled
  report(`${accrualKey}-consecutive-min-penalty`, 'a time above 0 and not above the longest penalty')
  return null
}

function retryOf(annotations: Annotations, read: Reader, report: AnnotationReport): RetryPolicy | null {
  const [http, grpc] = ['retry.linkerd.io/http', 'retry.linkerd.io/grpc'] as const
  const limit = read.number('retry.linkerd.io/limit', /^\d{1,3}$/, `a number up to ${maxRetries}`)
  const attemptTimeoutMs = read.durationMs('retry.linkerd.io/timeout')
  const conditions = <T>(key: string, parse: (text: string) => readonly T[] | null, expected: string) => {
    const text = annotations[key]
    const read = text === undefined ? [] : parse(text)
    if (read === null) report(key, expected)
    return read ?? []
  }
  const statuses = conditions(
    http,
    retryStatuses,
    '5xx, gateway-error, statuses and ranges of them, as in 5xx,429,502-504',
  )
  const grpcCodes = conditions(
    grpc,
    retryCodes,
    'cancelled, deadline-exceeded, internal, resource-exhausted or unavailable, or several of them',
  )
  if (statuses.length + grpcCodes.length === 0) return null
  return { statuses, grpcCodes, maxRetries: Math.min(limit ?? 1, maxRetries), attemptTimeoutMs }
}

class Reader {
  constructor(
    private readonly annotations: Annotations,
    private readonly report: AnnotationReport,
  ) {}

  durationMs(key: string): number | null {
    const text = this.annotations[key]
    if (text === undefined) return null
    const ms = parseDuration(text)
    if (ms !== undefined) return ms === 0 ? null : ms
    this.report(key, 'a duration, as in 300ms or 5s')
    return null
  }

  number(key: string, form: RegExp, expected: string): number | null {
    const text = this.annotations[key]
    if (text === undefined) return null
    if (form.test(text)) return Number(text)
    this.report(key, expected)
    return null
  }
}
