import type { HttpMetrics, Outcome, TransportMetrics } from './telemetry.ts'

/** Counts a request under two label sets. */
export class BothHttp implements HttpMetrics {
  readonly #a: HttpMetrics
  readonly #b: HttpMetrics

  constructor(a: HttpMetrics, b: HttpMetrics) {
    this.#a = a
    this.#b = b
  }

  request(): void {
    this.#a.request()
    this.#b.request()
  }

  response(outcome: Outcome, firstFrameMs: number, durationMs: number): void {
    this.#a.response(outcome, firstFrameMs, durationMs)
    this.#b.response(outcome, firstFrameMs, durationMs)
  }
}

/** Counts a connection under two label sets. */
export class BothTransport implements TransportMetrics {
  readonly #a: TransportMetrics
  readonly #b: TransportMetrics

  constructor(a: TransportMetrics, b: TransportMetrics) {
    this.#a = a
    this.#b = b
  }

  opened(): void {
    this.#a.opened()
    this.#b.opened()
  }

  read(bytes: number): void {
    this.#a.read(bytes)
    this.#b.read(bytes)
  }

  wrote(bytes: number): void {
    this.#a.wrote(bytes)
    this.#b.wrote(bytes)
  }

  closed(errno: string): void {
    this.#a.closed(errno)
    this.#b.closed(errno)
  }
}
