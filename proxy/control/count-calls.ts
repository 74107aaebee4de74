import { Code, ConnectError, type Interceptor } from '@connectrpc/connect'
import type { HttpMetrics, Outcome } from '#proxy/telemetry/telemetry.ts'

/** gRPC codes that are failures, as the proxy judges its clients' requests. */
const FAILURES = new Set<Code>([
  Code.Unknown,
  Code.DeadlineExceeded,
  Code.PermissionDenied,
  Code.Internal,
  Code.Unavailable,
  Code.DataLoss,
])
const WHOLE: Outcome = { status: 200, failure: false, grpcStatus: '0', error: '' }

/** Counts calls of the control plane: when they begin, and when their answer, or stream of answers, ends. */
export function countCalls(metrics: HttpMetrics): Interceptor {
  return next => async request => {
    const call = new CountedCall(metrics)
    try {
      const response = await next(request)
      if (!response.stream) {
        call.heard()
        call.end(WHOLE)
        return response
      }
      return { ...response, message: call.count(response.message) }
    } catch (error) {
      call.end(outcomeOf(error))
      throw error
    }
  }
}

class CountedCall {
  private readonly startedMs = performance.now()
  private firstMs = -1
  private state: 'under way' | 'over' = 'under way'

  constructor(private readonly metrics: HttpMetrics) {
    metrics.request()
  }

  heard(): void {
    if (this.firstMs < 0) this.firstMs = performance.now() - this.startedMs
  }

  end(outcome: Outcome): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.heard()
    this.metrics.response(outcome, this.firstMs, performance.now() - this.startedMs)
  }

  /** The same messages; whoever reads no further ends the call. */
  async *count<T>(messages: AsyncIterable<T>): AsyncIterable<T> {
    try {
      for await (const message of messages) {
        this.heard()
        yield message
      }
      this.end(WHOLE)
    } catch (error) {
      this.end(outcomeOf(error))
      throw error
    } finally {
      this.end({ ...WHOLE, grpcStatus: String(Code.Canceled) })
    }
  }
}

/** A call that never reached the service has no status of its own. */
function outcomeOf(error: unknown): Outcome {
  const { cause, code } = ConnectError.from(error)
  const failure = FAILURES.has(code)
  if (failure && cause instanceof Error) return { status: 502, failure, grpcStatus: '', error: 'i/o' }
  return { status: 200, failure, grpcStatus: String(code), error: '' }
}
