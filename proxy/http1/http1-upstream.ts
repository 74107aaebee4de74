import { IdlePool } from '#proxy/balance/idle-pool.ts'
import type { BodySource } from '#proxy/http/body.ts'
import { isIdempotent } from '#proxy/http/idempotent.ts'
import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import type { Call, ResponseReceiver, Upstream, UpstreamFailure } from '#proxy/http/service.ts'
import type { Connect } from '#proxy/tcp/connect.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { ClientConnection, type ClientListener, type ClientOptions } from './client-connection.ts'

export interface Http1UpstreamOptions {
  readonly connect: Connect
  readonly transport: TransportMetrics
  readonly maxHeadBytes: number
  readonly maxIdle: number
  readonly idleTimeoutMs: number
  /**
   * Whether the peer is a proxy: one that closes a new connection without a word has asked no app, as far as one can tell.
   * What can be sent again unharmed then is, once. Left out: it is an app.
   */
  readonly isProxy?: boolean
}

/** Handshakes at a time: as many as an endpoint ends well within the connect timeout. */
const MAX_DIALS = 32
const MAX_DIALS_OF_A_CALL = 4
/** Requests that wait for a connection; further ones are shed. */
const MAX_WAITING = 8192

/**
 * Sends requests over kept-alive HTTP/1.1 connections, one per request under way. Connects `MAX_DIALS` times at once
 * at most; requests beyond wait for a connection that becomes idle or for their turn to connect, whichever is first.
 */
export function createHttp1Upstream(options: Http1UpstreamOptions): Upstream {
  const connections = new Connections(options)
  return {
    send: (request, receiver) => {
      const call = new Http1Call(request, receiver, connections)
      connections.serve(call)
      return call
    },
    close: () => connections.close(),
  }
}

/** The connections of one upstream, and the calls that wait for one. */
class Connections implements ClientOptions {
  readonly transport: TransportMetrics
  readonly maxHeadBytes: number
  readonly isProxy: boolean
  private readonly pool: IdlePool<ClientConnection>
  private readonly connect: Connect
  /** In the order they came. */
  private readonly waiting = new Set<Http1Call>()
  private dials = 0
  private open = 0

  constructor({
    connect,
    idleTimeoutMs,
    isProxy = false,
    maxHeadBytes,
    maxIdle,
    transport,
  }: Http1UpstreamOptions) {
    this.connect = connect
    this.transport = transport
    this.maxHeadBytes = maxHeadBytes
    this.isProxy = isProxy
    this.pool = new IdlePool({ maxIdle, idleTimeoutMs, nowMs: () => performance.now() })
  }

  serve(call: Http1Call): void {
    const idle = this.pool.take()
    if (idle === null) this.serveAnew(call)
    else call.use(idle)
  }

  /** Serves the call by a connection that was not idle before. */
  serveAnew(call: Http1Call): void {
    if (this.dials < MAX_DIALS) this.dial(call)
    else if (this.waiting.size < MAX_WAITING) this.waiting.add(call)
    else call.fail({ kind: 'load-shed', message: 'too many requests wait for a connection' })
  }

  /** Ends the wait of a call, whether for its turn or for its own connection. */
  forget(call: Http1Call): void {
    this.waiting.delete(call)
    if (call.giveUp === null) return
    call.giveUp()
    this.dialed(call)
    this.dialNext()
  }

  idle(connection: ClientConnection): void {
    const call = this.nextWaiting()
    if (call === null) this.pool.put(connection)
    else if (connection.isUsable) {
      this.waiting.delete(call)
      call.use(connection)
    } else connection.close()
  }

  closed(connection: ClientConnection): void {
    this.open--
    this.pool.remove(connection)
  }

  close(): void {
    this.pool.close()
  }

  private dial(call: Http1Call): void {
    this.dials++
    call.dials++
    call.giveUp = this.connect(result => {
      this.dialed(call)
      if (result.kind === 'connected') {
        this.open++
        call.use(new ClientConnection(result.socket, this))
      } else if (result.kind === 'connect-timeout' && this.open > 0 && call.dials < MAX_DIALS_OF_A_CALL) {
        // Others are connected: the endpoint is only busy, and nothing of the request was sent.
        this.waiting.add(call)
      } else {
        call.fail(result)
        if (this.open === 0) this.failWaiting(result)
      }
      this.dialNext()
    })
  }

  private dialed(call: Http1Call): void {
    call.giveUp = null
    this.dials--
  }

  private dialNext(): void {
    while (this.dials < MAX_DIALS) {
      const call = this.nextWaiting()
      if (call === null) return
      this.waiting.delete(call)
      this.dial(call)
    }
  }

  /** Nobody is connected, so connecting in turn would only fail those who wait one timeout after the other. */
  private failWaiting(failure: UpstreamFailure): void {
    const calls = [...this.waiting]
    this.waiting.clear()
    for (const call of calls) call.fail(failure)
  }

  private nextWaiting(): Http1Call | null {
    if (this.waiting.size === 0) return null
    return this.waiting.values().next().value ?? null
  }
}

class Http1Call implements Call, ClientListener {
  /** Ends the connecting under way; `null`: there is none. */
  giveUp: (() => void) | null = null
  /** How often it began to connect. */
  dials = 0
  private connection: ClientConnection | null = null
  private state: 'under way' | 'over' = 'under way'
  /** A new connection closed without a word. */
  private isRepeated = false

  constructor(
    private readonly request: HttpRequest,
    private readonly receiver: ResponseReceiver,
    private readonly connections: Connections,
  ) {}

  use(connection: ClientConnection): void {
    this.connection = connection
    this.receiver.sent()
    connection.send(this.request, this)
  }

  fail(failure: UpstreamFailure): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.receiver.failed(failure)
  }

  cancel(): void {
    if (this.state === 'over') return
    this.state = 'over'
    if (this.connection === null) this.connections.forget(this)
    else this.connection.abandon(this)
  }

  tunnel(source: BodySource): void {
    this.connection?.tunnel(source)
  }

  interim(response: HttpResponse): void {
    if (this.state === 'under way') this.receiver.interim(response)
  }

  response(response: HttpResponse): void {
    if (this.state === 'under way') this.receiver.response(response)
  }

  broken(message: string, isSilent: boolean): void {
    if (this.state === 'over') return
    const wasReused = (this.connection?.requests ?? 0) > 1
    const mayServeAnew = wasReused || (this.connections.isProxy && !this.isRepeated)
    this.connection = null
    if (mayServeAnew && isSilent && this.isRepeatable()) {
      this.isRepeated ||= !wasReused
      this.connections.serveAnew(this)
    } else this.fail({ kind: 'broken', message })
  }

  /** A kept-alive connection that the peer closed meanwhile fails no request that can be sent again unharmed. */
  private isRepeatable(): boolean {
    const { body, method } = this.request
    return !body.isTouched && (body.framing.kind !== 'none' || isIdempotent(method))
  }
}
