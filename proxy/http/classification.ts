import type { Outcome } from '#proxy/telemetry/telemetry.ts'

/** gRPC codes that count as failures: unknown, deadline exceeded, permission denied, internal, unavailable, data loss. */
const GRPC_FAILURES = new Set(['2', '4', '7', '13', '14', '15'])

/**
 * What a whole response counts as: a route's own rule (`null`: it has none) goes first, then the gRPC status
 * (`null`: no gRPC), then the rule that a status of 500 and above is a failure.
 */
export function classify(status: number, grpcStatus: string | null, byRoute: boolean | null): Outcome {
  if (grpcStatus === null) {
    return { status, failure: byRoute ?? status >= 500, grpcStatus: '', error: '' }
  }
  // A gRPC response that names no status is unknown to its client, yet no failure of the server's.
  if (grpcStatus === '') return { status, failure: byRoute ?? status >= 500, grpcStatus: '2', error: '' }
  return { status, failure: byRoute ?? GRPC_FAILURES.has(grpcStatus), grpcStatus, error: '' }
}
