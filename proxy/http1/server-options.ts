import type { Service } from '#proxy/http/service.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'

/** What a listener gives each of its HTTP/1 connections. */
export interface ServerOptions {
  readonly service: Service
  readonly transport: TransportMetrics
  readonly maxHeadBytes: number
  /** How long a head may take from its first byte; then the connection ends with 408. */
  readonly headTimeoutMs: number
  /** How long a connection may rest between two requests; then it ends. */
  readonly idleTimeoutMs: number
  /** The peer's end of stream means that it is gone: peers over TLS never half-close. */
  readonly endMeansGone: boolean
  /** Counts a request that the connection itself answered, by the label of `*_http_errors_total`. */
  refused(error: 'bad request' | 'request timeout'): void
  closed(): void
}
