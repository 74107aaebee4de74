import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { HttpRequest } from '#proxy/http/message.ts'
import type { Exchange, Reply, Service } from '#proxy/http/service.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'

/** A connection that left HTTP. */
export interface LeftConnection {
  readonly socket: Socket
  /** What was read of it already; counted by whoever takes the connection. */
  readonly first: Buffer
}

/** What CONNECT requests are handed to. */
export interface ConnectService {
  /** `leave` answers 200 and gives the connection up; to be called once, instead of the reply. */
  handle(request: HttpRequest, reply: Reply, leave: () => LeftConnection): Exchange
}

/** What a listener gives each of its HTTP/1 connections. */
export interface ServerOptions {
  readonly service: Service
  /** Left out: CONNECT requests go to the service, too. */
  readonly connect?: ConnectService
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
