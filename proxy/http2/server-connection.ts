import type { Buffer } from 'node:buffer'
import { performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Socket } from 'node:net'
import type { HttpRequest } from '#proxy/http/message.ts'
import type { Service } from '#proxy/http/service.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { keepAlive } from './keep-alive.ts'
import { originVersion, restoreHttp1 } from './orig-proto.ts'
import { type RawFields, readRequest } from './read-fields.ts'
import { ServerStream, type ServerStreamOwner } from './server-stream.ts'
import { HTTP2_DEFAULTS, type Http2Settings, NO_DATE, sessionOptions } from './session-options.ts'
import { SessionSocket } from './session-socket.ts'
import { fieldsOfLines } from './write-fields.ts'

/** What a listener gives each of its HTTP/2 connections. */
export interface Http2ServerOptions {
  readonly service: Service
  readonly transport: TransportMetrics
  /** How long a connection may rest without a request; then it ends. */
  readonly idleTimeoutMs: number
  /** Requests that were HTTP/1 before a proxy carried them in HTTP/2 become so again. */
  readonly restoresHttp1: boolean
  /** Left out: `HTTP2_DEFAULTS`. */
  readonly settings?: Http2Settings
  /** Counts a request that the connection itself answered, by the label of `*_http_errors_total`. */
  refused(error: 'bad request'): void
  closed(): void
}

/**
 * Requests given up by the client after which its connection ends in peace, and after which it ends at once: Node's own
 * limit, a thousand of them faster than 33 a second, leaves the connection open and dead.
 */
const MANY_LEFT = 500
const TOO_MANY_LEFT = 900
const LEFT_FORGOTTEN_PER_SECOND = 33
const HIGHEST_STREAM_ID = 2 ** 31 - 1

/** The server's side of an HTTP/2 connection: hands each stream's request to the service. */
export class Http2ServerConnection implements ServerStreamOwner {
  private session: ServerHttp2Session | null = null
  private state: 'open' | 'draining' | 'ending' | 'closed' = 'open'
  private streams = 0
  private left = 0
  private leftAtMs = performance.now()
  private restingSinceMs = performance.now()
  private sessionSocket: SessionSocket | null = null

  constructor(
    private readonly socket: Socket,
    private readonly options: Http2ServerOptions,
  ) {}

  /** Takes the socket over; `first` was read from it before. */
  start(first: Buffer): void {
    const { options, socket } = this
    const counted = new SessionSocket(socket, options.transport, first.length, () => this.socketClosed())
    this.sessionSocket = counted
    if (socket.destroyed) return
    if (first.length > 0) socket.unshift(first)
    const { settings = HTTP2_DEFAULTS } = options
    const session = performServerHandshake(socket, sessionOptions(settings))
    this.session = session
    const stop = keepAlive(session, settings.keepAlive, {
      silent: () => socket.destroy(),
      tick: () => this.endIfIdle(),
    })
    session.on('connect', () => {
      // Told of a session that is over already, too.
      if (!session.destroyed) session.setLocalWindowSize(settings.connectionWindowBytes)
    })
    session.on('stream', (stream: ServerHttp2Stream, _: unknown, __: number, fields: RawFields) =>
      this.opened(stream, fields),
    )
    // The peer broke the protocol, or the connection broke: the socket closes, and that is told.
    session.on('error', () => {})
    socket.on('close', stop)
    if (this.state === 'draining') this.announceEnd()
  }

  /** Lets the requests under way end, and takes no more once the peer knows. */
  drain(): void {
    if (this.state !== 'open') return
    this.state = 'draining'
    this.announceEnd()
  }

  close(): void {
    this.socket.destroy()
  }

  get isBroken(): boolean {
    return this.socket.destroyed || this.session?.destroyed === true
  }

  streamLeft(): void {
    const nowMs = performance.now()
    const forgotten = ((nowMs - this.leftAtMs) / 1000) * LEFT_FORGOTTEN_PER_SECOND
    this.left = Math.max(0, this.left - forgotten) + 1
    this.leftAtMs = nowMs
    if (this.left >= TOO_MANY_LEFT) this.socket.destroy()
    else if (this.left >= MANY_LEFT) this.drain()
  }

  /** First the peer learns that the end is near; what it sent until it has is still served (RFC 9113, 6.8). */
  private announceEnd(): void {
    const { session } = this
    if (session === null || session.destroyed) return
    session.goaway(0, HIGHEST_STREAM_ID)
    session.ping(() => this.endAfterStreams())
  }

  private endAfterStreams(): void {
    const { session } = this
    if (session === null || session.destroyed || this.state === 'closed') return
    this.state = 'ending'
    session.close()
    this.endIfDone()
  }

  private endIfIdle(): void {
    this.sessionSocket?.count()
    // The client has said good-bye, but keeps its end open.
    if (this.session?.destroyed === true) this.sessionSocket?.endSoon()
    const idleMs = performance.now() - this.restingSinceMs
    if (this.streams === 0 && idleMs >= this.options.idleTimeoutMs) this.drain()
  }

  private opened(stream: ServerHttp2Stream, fields: RawFields): void {
    const { options } = this
    this.streams++
    stream.on('error', () => {})
    stream.on('close', () => this.streamClosed())
    const read = readRequest(fields)
    if (read.kind === 'refused') {
      options.refused('bad request')
      this.refuse(stream, read.status)
      return
    }
    const { request } = read
    const served = new ServerStream(stream, this, request, this.restore(request) ? originVersion : null)
    served.serve(options.service, request)
  }

  private restore(request: HttpRequest): boolean {
    return this.options.restoresHttp1 && restoreHttp1(request)
  }

  private refuse(stream: ServerHttp2Stream, status: number): void {
    if (stream.closed || stream.destroyed) return
    stream.respond(fieldsOfLines(status, ''), { endStream: true, ...NO_DATE })
    if (!stream.endAfterHeaders) stream.close()
  }

  private streamClosed(): void {
    this.streams--
    this.restingSinceMs = performance.now()
    this.sessionSocket?.count()
    this.endIfDone()
  }

  private endIfDone(): void {
    if (this.state === 'ending' && this.streams === 0) this.sessionSocket?.endSoon()
  }

  private socketClosed(): void {
    this.state = 'closed'
    this.options.closed()
  }
}
