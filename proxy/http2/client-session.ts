import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  connect,
  type OutgoingHttpHeaders,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { Http2UpstreamOptions } from './http2-upstream.ts'
import { keepAlive } from './keep-alive.ts'
import { HTTP2_DEFAULTS, type Http2Settings, sessionOptions } from './session-options.ts'
import { SessionSocket } from './session-socket.ts'

/** What a peer allows before it has said so. */
const STREAMS_BEFORE_SETTINGS = 100
/** A peer takes a connection that resets a thousand streams for an attack, and ends it with all that are left. */
const MAX_RESETS = 400
const HIGHEST_USED_STREAM_ID = 2 ** 30

export interface ClientSessionOwner {
  /** A stream ended, so that another may begin. */
  roomMade(): void
  closed(): void
}

/** The client's side of an HTTP/2 connection. */
export class ClientSession {
  /** Requests it was given so far. */
  requests = 0
  private readonly session: ClientHttp2Session
  private readonly sessionSocket: SessionSocket
  private readonly settings: Http2Settings
  private state: 'open' | 'retired' | 'closed' = 'open'
  private streams = 0
  private resets = 0
  private isSettled = false
  private goawayCode = 0
  private restingSinceMs = performance.now()

  constructor(
    private readonly socket: Socket,
    readonly credentials: unknown,
    private readonly options: Http2UpstreamOptions,
    private readonly owner: ClientSessionOwner,
  ) {
    const { settings = HTTP2_DEFAULTS } = options
    this.settings = settings
    options.transport.opened()
    const session = connect('http://mesh', {
      ...sessionOptions(settings),
      createConnection: () => socket,
    })
    this.session = session
    this.sessionSocket = new SessionSocket(socket, options.transport, 0, () => this.socketClosed())
    const stop = keepAlive(session, settings.keepAlive, {
      silent: () => socket.destroy(),
      tick: () => this.endIfIdle(),
      isIdle: () => this.streams === 0,
    })
    session.on('connect', () => {
      // Told of a session that is over already, too.
      if (!session.destroyed) session.setLocalWindowSize(settings.connectionWindowBytes)
    })
    session.on('remoteSettings', () => {
      this.isSettled = true
      owner.roomMade()
    })
    session.on('goaway', code => {
      this.goawayCode = code
      this.retire()
    })
    // Told by the streams it ends, and by the socket that closes.
    session.on('error', () => {})
    socket.on('close', stop)
  }

  get isOfProxy(): boolean {
    return this.options.isProxy === true
  }

  /** Whether it takes further requests, now or once others are over. */
  get isOpen(): boolean {
    return this.state === 'open' && !this.session.closed && !this.session.destroyed
  }

  get hasRoom(): boolean {
    const { session } = this
    if (!this.isOpen) return false
    const allowed = this.isSettled ? session.remoteSettings.maxConcurrentStreams : STREAMS_BEFORE_SETTINGS
    const { maxStreams } = this.settings
    return this.streams < Math.min(allowed ?? maxStreams, maxStreams)
  }

  /** Whether the connection is gone, so that the peer cannot have said why a stream closed. */
  get isBroken(): boolean {
    return this.socket.destroyed || (this.session.destroyed && this.goawayCode === 0)
  }

  /** Begins a stream; only while there is room. */
  request(fields: OutgoingHttpHeaders, options: ClientSessionRequestOptions): ClientHttp2Stream {
    this.streams++
    this.requests++
    const stream = this.session.request(fields, options)
    stream.on('error', () => {})
    stream.on('close', () => this.streamClosed(stream))
    return stream
  }

  /** Resets a stream that is not wanted any more. */
  reset(stream: ClientHttp2Stream, code: number): void {
    if (stream.closed || stream.destroyed) return
    this.resets++
    stream.close(code)
    if (this.resets >= MAX_RESETS) this.retire()
  }

  /** Takes no further requests, and ends with the last one under way. */
  retire(): void {
    if (this.state !== 'open') return
    this.state = 'retired'
    this.endIfDone()
  }

  private endIfIdle(): void {
    this.sessionSocket.count()
    // The peer has said good-bye, but keeps its end open.
    if (this.session.destroyed) this.sessionSocket.endSoon()
    const idleMs = performance.now() - this.restingSinceMs
    if (this.streams === 0 && idleMs >= this.options.idleTimeoutMs) this.retire()
  }

  private streamClosed(stream: ClientHttp2Stream): void {
    this.streams--
    this.restingSinceMs = performance.now()
    this.sessionSocket.count()
    if ((stream.id ?? 0) > HIGHEST_USED_STREAM_ID) this.retire()
    this.endIfDone()
    this.owner.roomMade()
  }

  private endIfDone(): void {
    if (this.state !== 'retired' || this.streams > 0) return
    this.session.close()
    this.sessionSocket.endSoon()
  }

  private socketClosed(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.owner.closed()
  }
}
