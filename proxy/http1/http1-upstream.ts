import { IdlePool } from '#proxy/balance/idle-pool.ts'
import type { BodySource } from '#proxy/http/body.ts'
import type { HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import type { Call, ResponseReceiver, Upstream } from '#proxy/http/service.ts'
import type { Connect } from '#proxy/tcp/connect.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { ClientConnection, type ClientListener, type ClientOptions } from './client-connection.ts'

export interface Http1UpstreamOptions {
  readonly connect: Connect
  readonly transport: TransportMetrics
  readonly maxHeadBytes: number
  readonly maxIdle: number
  readonly idleTimeoutMs: number
}

/** Sends requests over kept-alive HTTP/1.1 connections, one per request under way. */
export function createHttp1Upstream(options: Http1UpstreamOptions): Upstream {
  const pool = new IdlePool<ClientConnection>({
    maxIdle: options.maxIdle,
    idleTimeoutMs: options.idleTimeoutMs,
    nowMs: () => performance.now(),
  })
  const connectionOptions: ClientOptions = {
    transport: options.transport,
    maxHeadBytes: options.maxHeadBytes,
    idle: connection => pool.put(connection),
    closed: connection => pool.remove(connection),
  }
  return {
    send: (request, receiver) => {
      const call = new Http1Call(request, receiver, options.connect, connectionOptions)
      call.begin(pool.take())
      return call
    },
    close: () => pool.close(),
  }
}

/** Methods whose repetition changes nothing more (RFC 9110, 9.2.2). */
const IDEMPOTENT = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])

class Http1Call implements Call, ClientListener {
  private connection: ClientConnection | null = null
  private giveUp: (() => void) | null = null
  private state: 'under way' | 'over' = 'under way'

  constructor(
    private readonly request: HttpRequest,
    private readonly receiver: ResponseReceiver,
    private readonly connect: Connect,
    private readonly options: ClientOptions,
  ) {}

  begin(idle: ClientConnection | null): void {
    if (idle === null) this.dial()
    else this.use(idle)
  }

  cancel(): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.giveUp?.()
    this.connection?.abandon(this)
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
    this.connection = null
    if (wasReused && isSilent && this.isRepeatable()) {
      this.dial()
      return
    }
    this.state = 'over'
    this.receiver.failed({ kind: 'broken', message })
  }

  /** A kept-alive connection that the peer closed meanwhile fails no request that can be sent again unharmed. */
  private isRepeatable(): boolean {
    const { body, method } = this.request
    return !body.isTouched && (body.framing.kind !== 'none' || IDEMPOTENT.has(method))
  }

  private dial(): void {
    this.giveUp = this.connect(result => {
      this.giveUp = null
      if (this.state === 'over') {
        if (result.kind === 'connected') result.socket.destroy()
        return
      }
      if (result.kind === 'connected') {
        this.use(new ClientConnection(result.socket, this.options))
        return
      }
      this.state = 'over'
      this.receiver.failed(result)
    })
  }

  private use(connection: ClientConnection): void {
    this.connection = connection
    this.receiver.sent()
    connection.send(this.request, this)
  }
}
