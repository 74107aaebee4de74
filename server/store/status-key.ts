/** What responses were answered with, and as what their proxy took that. */
export interface Status {
  readonly classification: 'success' | 'failure'
  /** The HTTP status; `unknown` when the proxy told none, as of requests that ended without a response. */
  readonly status: string
  /** The gRPC status; empty for what is not gRPC. */
  readonly grpcStatus: string
}

/** Stands for what a store that knows too many statuses already was given. */
export const otherStatus = 'other'

/** Equal for equal statuses, and short: stores keep it. */
export function statusKey({ classification, status, grpcStatus }: Status): string {
  return `${classification}/${status}/${grpcStatus}`
}

/** The status of a key that `statusKey` made. */
export function readStatusKey(key: string): Status {
  const [classification, status = '', grpcStatus = ''] = key.split('/')
  return { classification: classification === 'failure' ? 'failure' : 'success', status, grpcStatus }
}
