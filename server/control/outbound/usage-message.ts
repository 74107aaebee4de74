import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { outboundPolicyOf } from '#lib/manifests/traffic-annotations.ts'
import type { RetryPolicy, RoutePolicy } from '#lib/policy/outbound-policy.ts'

/** Linkerd's waits between retries, and how much of a request is kept for them. */
const backoff = { minBackoff: durationFromMs(25), maxBackoff: durationFromMs(250), jitterRatio: 1 }
const maxRequestBytes = 64 * 1024

/** How requests of a rule are sent: as its route's annotations say, what they leave open as its service's do. */
export function usageOf(
  annotations: Readonly<Record<string, string>>,
  service: RoutePolicy,
  requestTimeoutMs: number | null,
): RoutePolicy {
  const asked = outboundPolicyOf(annotations)
  const timeouts = {
    requestTimeoutMs: requestTimeoutMs ?? asked.requestTimeoutMs,
    responseTimeoutMs: asked.responseTimeoutMs,
    idleTimeoutMs: asked.idleTimeoutMs,
  }
  const saysTimeouts = Object.values(timeouts).some(ms => ms !== null)
  return { ...(saysTimeouts ? timeouts : service), retry: asked.retry ?? service.retry }
}

export function timeoutsMessage({ idleTimeoutMs, requestTimeoutMs, responseTimeoutMs }: RoutePolicy) {
  return {
    ...(requestTimeoutMs !== null && { request: durationFromMs(requestTimeoutMs) }),
    ...(responseTimeoutMs !== null && { response: durationFromMs(responseTimeoutMs) }),
    ...(idleTimeoutMs !== null && { idle: durationFromMs(idleTimeoutMs) }),
  }
}

/** Retries apart from their conditions, of which HTTP and gRPC each have their own. */
export function retryMessage({ attemptTimeoutMs, maxRetries }: RetryPolicy) {
  return {
    maxRetries,
    maxRequestBytes,
    ...(attemptTimeoutMs !== null && { timeout: durationFromMs(attemptTimeoutMs) }),
    backoff,
  }
}
