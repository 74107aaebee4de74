import type { HttpRequest } from '#proxy/http/message.ts'
import type { Call, ResponseReceiver, Upstream, UpstreamFailure } from '#proxy/http/service.ts'
import type { Connect } from '#proxy/tcp/connect.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { ClientSession } from './client-session.ts'
import { Http2Call } from './http2-call.ts'
import type { Http2Settings } from './session-options.ts'

export interface Http2UpstreamOptions {
  readonly connect: Connect
  readonly transport: TransportMetrics
  /** A connection without a request for so long ends. */
  readonly idleTimeoutMs: number
  /** Left out: `HTTP2_DEFAULTS`. */
  readonly settings?: Http2Settings
  /** Whether the peer is a proxy, as HTTP/1 upstreams take it. */
  readonly isProxy?: boolean
  /** What connections are made with; those made with another take no further requests. */
  readonly credentials?: () => unknown
}

/** Connections of one upstream; beyond their streams, requests wait. */
const MAX_SESSIONS = 8
/** Requests that wait for a stream; further ones are shed. */
const MAX_WAITING = 8192

/**
 * Sends requests over HTTP/2 connections, all at once over the first that has room; when none has, over a further one.
 * Requests whose stream the peer refused, or never heard of, are sent once more.
 */
export function createHttp2Upstream(options: Http2UpstreamOptions): Upstream {
  const sessions = new Sessions(options)
  return {
    send: (request, receiver) => sessions.send(request, receiver),
    close: () => sessions.close(),
  }
}

/** The connections of one upstream, and the calls that wait for one. */
class Sessions {
  private readonly sessions = new Set<ClientSession>()
  /** In the order they came. */
  private readonly waiting = new Set<Http2Call>()
  private giveUp: (() => void) | null = null
  private state: 'open' | 'closing' = 'open'

  constructor(private readonly options: Http2UpstreamOptions) {}

  send(request: HttpRequest, receiver: ResponseReceiver): Call {
    const call: Http2Call = new Http2Call(request, receiver, {
      serve: () => this.serve(call),
      forget: () => this.forget(call),
    })
    this.serve(call)
    return call
  }

  /** Takes no idle connection any more; those in use end with their last request. */
  close(): void {
    this.state = 'closing'
    for (const session of this.sessions) session.retire()
  }

  private serve(call: Http2Call): void {
    const session = this.withRoom()
    if (session !== null) {
      call.use(session)
      return
    }
    if (this.waiting.size >= MAX_WAITING) {
      call.fail({ kind: 'load-shed', message: 'too many requests wait for a stream' })
      return
    }
    this.waiting.add(call)
    this.dialIfNeeded()
  }

  private forget(call: Http2Call): void {
    this.waiting.delete(call)
    if (this.waiting.size > 0 || this.giveUp === null) return
    this.giveUp()
    this.giveUp = null
  }

  private withRoom(): ClientSession | null {
    const credentials = this.options.credentials?.()
    for (const session of this.sessions) {
      if (session.credentials !== credentials) session.retire()
      else if (session.hasRoom) return session
    }
    return null
  }

  private openSessions(): number {
    let open = 0
    for (const session of this.sessions) if (session.isOpen) open++
    return open
  }

  private dialIfNeeded(): void {
    if (this.giveUp !== null || this.waiting.size === 0 || this.openSessions() >= MAX_SESSIONS) return
    const { connect, credentials } = this.options
    const made = credentials?.()
    this.giveUp = connect(result => {
      this.giveUp = null
      if (result.kind !== 'connected') {
        this.failWaiting(result)
        return
      }
      if (result.socket.destroyed) {
        this.failWaiting({ kind: 'connect', message: 'Cannot connect: closed' })
        return
      }
      const session: ClientSession = new ClientSession(result.socket, made, this.options, {
        roomMade: () => this.serveWaiting(),
        closed: () => {
          this.sessions.delete(session)
          this.serveWaiting()
        },
      })
      this.sessions.add(session)
      this.serveWaiting()
      if (this.state === 'closing') session.retire()
    })
  }

  private serveWaiting(): void {
    for (const call of this.waiting) {
      const session = this.withRoom()
      if (session === null) break
      this.waiting.delete(call)
      call.use(session)
    }
    this.dialIfNeeded()
  }

  /** While another connection works, those who wait get their turn by it. */
  private failWaiting(failure: UpstreamFailure): void {
    if (this.openSessions() > 0) return
    const calls = [...this.waiting]
    this.waiting.clear()
    for (const call of calls) call.fail(failure)
  }
}
