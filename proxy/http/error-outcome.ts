import type { Outcome, RouteError } from '#proxy/telemetry/telemetry.ts'
import { answerFor, type ProxyError, type Timeout } from './proxy-error.ts'
import { resetLabel } from './reset-code.ts'
import type { UpstreamFailure } from './service.ts'

/** How the response's status is judged before the general rules: a route's classes. */
export interface StatusRule {
  isFailure(status: number): boolean | null
}

const TIMEOUTS: Readonly<Record<Timeout, RouteError>> = {
  request: 'REQUEST_TIMEOUT',
  'response-headers': 'RESPONSE_HEADERS_TIMEOUT',
  response: 'RESPONSE_STREAM_TIMEOUT',
  idle: 'IDLE_TIMEOUT',
}

/** What a request counts as that no response came for. */
export function outcomeOfError(error: ProxyError | UpstreamFailure, rule: StatusRule | null): Outcome {
  const { status } = answerFor(error.kind)
  const failure = rule?.isFailure(status) ?? status >= 500
  const cause = causeOf(error)
  return {
    status,
    failure,
    grpcStatus: '',
    error: labelOf(error),
    ...(cause !== null && { cause }),
  }
}

function labelOf(error: ProxyError | UpstreamFailure): string {
  if (error.kind === 'timeout') return 'timeout'
  return 'code' in error ? resetLabel(error.code) : ''
}

/** `null`: its label tells, or the status it is answered with, as with an endpoint that cannot be reached. */
function causeOf(error: ProxyError | UpstreamFailure): RouteError | null {
  switch (error.kind) {
    case 'failfast':
      return 'FAIL_FAST'
    case 'load-shed':
      return 'LOAD_SHED'
    case 'broken':
      return 'IO'
    case 'timeout':
      return TIMEOUTS[error.timeout ?? 'request']
    default:
      return null
  }
}
