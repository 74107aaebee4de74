import type { Buffer } from 'node:buffer'
import { detectHttp } from '#proxy/accept/detect-http.ts'
import { detectResult } from '#proxy/accept/detect-result.ts'
import { readFirstBytes } from '#proxy/accept/first-bytes.ts'
import type { Tracked } from '#proxy/accept/listener.ts'
import type { ProxyError } from '#proxy/http/proxy-error.ts'
import type { Service } from '#proxy/http/service.ts'
import type { AuthorityStack, Waiter } from './authority-stack.ts'
import type { ClientConnection } from './client-connection.ts'
import type { OutboundContext } from './outbound-context.ts'
import { countFailure, forwardTcp } from './outbound-tcp.ts'
import { serveHttp } from './serve-http.ts'

/**
 * Takes a connection whose destination is known before its first byte. It is passed on as it is where the profile
 * calls the port opaque, and else unless it begins like HTTP, whose requests `service` answers. A client that says
 * nothing for the detection timeout may wait for the server to begin: it is passed on, too.
 */
export class DestinationConnection implements Tracked, Waiter {
  readonly protocol = 'tcp'
  private state: 'waiting' | 'taken' = 'waiting'
  private readonly gone = () => this.drop('')

  constructor(
    private readonly context: OutboundContext,
    private readonly stack: AuthorityStack,
    private readonly service: Service,
    private readonly client: ClientConnection,
  ) {}

  start(): void {
    const { client, context, stack } = this
    context.connections.add(this)
    client.socket.on('error', () => {})
    client.socket.once('close', this.gone)
    stack.enter(this)
  }

  ready(): void {
    this.known()
  }

  /** What failed is told to whoever asks next: as an answer when the client speaks HTTP. */
  fail(error: ProxyError): void {
    if (error.kind !== 'load-shed') {
      this.known()
      return
    }
    const { client, context, stack } = this
    countFailure(context, client, stack.destination.authority, error)
    client.socket.destroy()
  }

  drain(): void {
    this.close()
  }

  close(): void {
    this.client.socket.destroy()
  }

  private known(): void {
    const { client, context, stack } = this
    const resolution = stack.destination.current()
    if (resolution.state === 'resolved' && resolution.isOpaque === true) {
      stack.connections.taken('opaq')
      this.take(() => forwardTcp(context, stack, client))
      return
    }
    const { socket, first } = client
    // The reader tells of a close, with its cause.
    socket.off('close', this.gone)
    stack.connections.taken('detect')
    const startedMs = performance.now()
    readFirstBytes(socket, first, context.config.outboundDetectTimeoutMs, detectHttp, result => {
      const { bytes } = result
      stack.connections.detected(detectResult(result), performance.now() - startedMs)
      switch (result.kind) {
        case 'decided':
          if (result.value === 'not-http') this.pass(bytes)
          else this.take(() => serveHttp(context, { ...client, first: bytes, service: this.service }))
          return
        case 'timeout':
          this.pass(bytes)
          return
        case 'closed':
          if (socket.destroyed || bytes.length === 0) this.drop(result.errno)
          else this.pass(bytes)
      }
    })
  }

  private pass(first: Buffer): void {
    const { client, context, stack } = this
    this.take(() => forwardTcp(context, stack, { ...client, first }))
  }

  /** Hands the connection on, tracked all the while. */
  private take(next: () => void): void {
    if (this.state === 'taken') return
    this.state = 'taken'
    this.client.socket.off('close', this.gone)
    next()
    this.leave()
  }

  private drop(errno: string): void {
    if (this.state === 'taken') return
    this.state = 'taken'
    this.stack.stopWaiting(this)
    this.client.socket.destroy()
    this.client.transport.closed(errno)
    this.leave()
  }

  private leave(): void {
    this.stack.leave(performance.now())
    this.context.connections.remove(this)
  }
}
