import { expect, test } from 'vitest'
import { answerFor, type ProxyErrorKind } from './proxy-error.ts'

test.each<[ProxyErrorKind, number, number, boolean]>([
  ['bad-request', 400, 3, true],
  ['denied', 403, 7, false],
  ['route-not-found', 404, 5, false],
  ['rate-limited', 429, 8, false],
  ['unresolved', 502, 14, false],
  ['failfast', 504, 4, true],
  ['load-shed', 503, 14, true],
  ['connect', 502, 14, true],
  ['connect-timeout', 504, 14, true],
  ['identity', 502, 14, true],
  ['broken', 502, 14, true],
  ['reset', 502, 14, true],
  ['timeout', 504, 4, false],
  ['unsupported', 501, 12, true],
])(
  'answerFor(%j) is what linkerd2-proxy answers: %d, gRPC %d, and whether it closes',
  (kind, status, grpcStatus, closes) => {
    expect(answerFor(kind)).toMatchObject({ status, grpcStatus, closes })
  },
)
