import { expect, test } from 'vitest'
import { outboundPolicyOf } from './traffic-annotations.ts'

test('outboundPolicyOf() reads timeouts, retries and failure accrual, with Linkerd’s defaults', () => {
  expect(outboundPolicyOf({})).toEqual({
    failureAccrual: null,
    retry: null,
    requestTimeoutMs: null,
    responseTimeoutMs: null,
    idleTimeoutMs: null,
  })
  expect(
    outboundPolicyOf({
      'balancer.linkerd.io/failure-accrual': 'consecutive',
      'retry.linkerd.io/http': '5xx, 429,100-101',
      'timeout.linkerd.io/request': '1500ms',
      'timeout.linkerd.io/response': '1s',
      'timeout.linkerd.io/idle': '0',
    }),
  ).toEqual({
    failureAccrual: { maxFailures: 7, minPenaltyMs: 1000, maxPenaltyMs: 60_000, jitterRatio: 0.5 },
    retry: {
      statuses: [
        { min: 500, max: 599 },
        { min: 429, max: 429 },
        { min: 100, max: 101 },
      ],
      grpcCodes: [],
      maxRetries: 1,
      attemptTimeoutMs: null,
    },
    requestTimeoutMs: 1500,
    responseTimeoutMs: 1000,
    idleTimeoutMs: null,
  })
  expect(
    outboundPolicyOf({
      'balancer.linkerd.io/failure-accrual': 'consecutive',
      'balancer.linkerd.io/failure-accrual-consecutive-max-failures': '3',
      'balancer.linkerd.io/failure-accrual-consecutive-min-penalty': '200ms',
      'balancer.linkerd.io/failure-accrual-consecutive-max-penalty': '2s',
      'balancer.linkerd.io/failure-accrual-consecutive-jitter-ratio': '0',
      'retry.linkerd.io/http': 'gateway-error',
      'retry.linkerd.io/grpc': 'cancelled, unavailable',
      'retry.linkerd.io/limit': '3',
      'retry.linkerd.io/timeout': '400ms',
    }),
  ).toMatchObject({
    failureAccrual: { maxFailures: 3, minPenaltyMs: 200, maxPenaltyMs: 2000, jitterRatio: 0 },
    retry: { statuses: [{ min: 502, max: 504 }], grpcCodes: [1, 14], maxRetries: 3, attemptTimeoutMs: 400 },
  })
})

test.each([
  ['balancer.linkerd.io/failure-accrual', 'never'],
  ['balancer.linkerd.io/failure-accrual-consecutive-max-failures', '0'],
  ['balancer.linkerd.io/failure-accrual-consecutive-min-penalty', '2m'],
  ['balancer.linkerd.io/failure-accrual-consecutive-jitter-ratio', '-1'],
  ['retry.linkerd.io/http', '5xx,often'],
  ['retry.linkerd.io/http', '504-502'],
  ['retry.linkerd.io/grpc', 'aborted'],
  ['retry.linkerd.io/limit', 'many'],
  ['timeout.linkerd.io/request', '5'],
])('outboundPolicyOf() reports %s: %s', (key, value) => {
  const reported: string[] = []
  const annotations = { 'balancer.linkerd.io/failure-accrual': 'consecutive', [key]: value }
  outboundPolicyOf(annotations, one => reported.push(one))
  expect(reported).toEqual([key])
})
