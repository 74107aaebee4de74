import { Code, ConnectError } from '@connectrpc/connect'
import { type Backoff, backoffMs, waitMs } from './backoff.ts'

/** What a watch tells of its stream. */
export interface StreamWatcher<T> {
  open(signal: AbortSignal): AsyncIterable<T>
  /** `isFirst`: since the stream was opened; what was known before is to be replaced. */
  onMessage(message: T, isFirst: boolean): void
  /** The stream ended; it is opened again after a wait unless the failure is final. */
  onFailure(failure: StreamFailure): void
}

export interface StreamFailure {
  readonly code: Code
  readonly reason: string
  /** The service refuses the question itself: asking again changes nothing. */
  readonly isFinal: boolean
}

/** Ends when the signal does, or at a final failure; else opens the stream again each time it ends. */
export async function watchStream<T>(
  watcher: StreamWatcher<T>,
  { backoff, random, signal }: { backoff: Backoff; random: () => number; signal: AbortSignal },
): Promise<void> {
  let failures = 0
  while (!signal.aborted) {
    let isFirst = true
    let failure: StreamFailure = { code: Code.Unavailable, reason: 'the stream ended', isFinal: false }
    // Of its own, so that what a call leaves on its signal goes with the call.
    const attempt = new AbortController()
    const abort = (): void => attempt.abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      for await (const message of watcher.open(attempt.signal)) {
        if (signal.aborted) return
        failures = 0
        watcher.onMessage(message, isFirst)
        isFirst = false
      }
    } catch (error) {
      failure = describe(error)
    } finally {
      signal.removeEventListener('abort', abort)
    }
    if (signal.aborted) return
    watcher.onFailure(failure)
    if (failure.isFinal) return
    failures++
    await waitMs(backoffMs(backoff, failures, random), signal)
  }
}

function describe(error: unknown): StreamFailure {
  const { code, rawMessage } = ConnectError.from(error, Code.Unavailable)
  const isFinal = code === Code.InvalidArgument || code === Code.FailedPrecondition
  return { code, reason: rawMessage, isFinal }
}
