import type { HttpMetrics, Outcome } from '#proxy/telemetry/telemetry.ts'

/** Whom a request was sent to, and who learns how that went. */
export interface AttemptObserver {
  /** A response's head came. */
  responded(): void
  /** The response's first body frame, or whatever came instead of it, `rttMs` after the request. Told once. */
  answered(rttMs: number, nowMs: number): void
  /** Told last, once; or `unsent` is, of an attempt that never went onto a connection and was made elsewhere. */
  ended(outcome: Outcome, nowMs: number): void
  unsent(nowMs: number): void
}

/** One sending of a request, counted where it went: at its endpoint, and as an attempt of its route. */
export class Attempt {
  readonly startedMs = performance.now()
  /** When it went onto a connection; before that, when it began. */
  sentMs = this.startedMs
  private isRequestCounted = false
  /** Since it began; -1 before the first frame. */
  private firstFrameMs = -1

  constructor(
    private readonly metrics: HttpMetrics | null,
    private readonly routeActual: HttpMetrics | null,
    private readonly observer: AttemptObserver | null,
  ) {}

  countRequest(): void {
    if (this.isRequestCounted) return
    this.isRequestCounted = true
    this.metrics?.request()
    this.routeActual?.request()
  }

  responded(): void {
    this.observer?.responded()
  }

  /** Safe to tell again: only the first counts. */
  firstFrame(nowMs: number): void {
    if (this.firstFrameMs >= 0) return
    this.firstFrameMs = nowMs - this.startedMs
    // What connecting took says nothing of the endpoint's load, and would keep a new one idle for long.
    this.observer?.answered(nowMs - this.sentMs, nowMs)
  }

  /** It could not be sent: nothing is counted. */
  dropped(nowMs: number): void {
    this.firstFrame(nowMs)
    this.observer?.unsent(nowMs)
  }

  finish(outcome: Outcome, nowMs: number): void {
    this.countRequest()
    this.firstFrame(nowMs)
    const durationMs = nowMs - this.startedMs
    this.metrics?.response(outcome, this.firstFrameMs, durationMs)
    this.routeActual?.response(outcome, this.firstFrameMs, durationMs)
    this.observer?.ended(outcome, nowMs)
  }
}
