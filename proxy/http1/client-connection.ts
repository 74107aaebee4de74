import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { type BodySource, CHUNKED, type Framing, NO_BODY, UNTIL_CLOSE } from '#proxy/http/body.ts'
import { type HttpRequest, HttpResponse } from '#proxy/http/message.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { encodeRequestHead } from './encode-head.ts'
import { HeadReader } from './head-reader.ts'
import { FAULTY, INCOMPLETE } from './header-lines.ts'
import { type BodyOwner, MessageBody } from './message-body.ts'
import { type RequestOwner, RequestSink } from './request-sink.ts'
import { ResponseParser } from './response-parser.ts'
import { SocketWriter } from './socket-writer.ts'

/** What a connection tells of the request it carries. */
export interface ClientListener {
  interim(response: HttpResponse): void
  response(response: HttpResponse): void
  /** No response came; `isSilent`: not a byte of one. */
  broken(message: string, isSilent: boolean): void
}

export interface ClientOptions {
  readonly transport: TransportMetrics
  readonly maxHeadBytes: number
  /** The connection is ready for another request. */
  idle(connection: ClientConnection): void
  closed(connection: ClientConnection): void
}

const EMPTY = Buffer.alloc(0)

/** The client's side of an HTTP/1.1 connection: carries one request at a time. */
export class ClientConnection implements BodyOwner, RequestOwner {
  readonly writer: SocketWriter
  /** Requests it was given so far; a second one meets a connection that the peer may be closing. */
  requests = 0
  private readonly response = new HttpResponse()
  private readonly parser = new ResponseParser(this.response)
  private readonly reader: HeadReader
  private readonly body: MessageBody
  private state: 'idle' | 'awaiting' | 'receiving' | 'closed' = 'idle'
  private listener: ClientListener | null = null
  private outgoing: RequestSink | null = null
  private isHead = false
  private isHeard = false
  private isConnect = false
  private isUpgrade = false
  private isPersistent = true
  private bytes: Buffer = EMPTY
  private at = 0
  private isPumping = false
  private isInputOver = false
  private errno = ''

  constructor(
    private readonly socket: Socket,
    private readonly options: ClientOptions,
  ) {
    this.writer = new SocketWriter(socket, options.transport)
    this.reader = new HeadReader(this.parser, options.maxHeadBytes)
    this.body = new MessageBody(this, options.maxHeadBytes)
    options.transport.opened()
    socket.on('data', chunk => this.received(chunk as Buffer))
    socket.on('end', () => this.inputEnded())
    socket.on('error', error => {
      this.errno = (error as NodeJS.ErrnoException).code ?? 'unknown'
    })
    socket.on('drain', () => this.outgoing?.source.resume())
    socket.on('close', () => this.socketClosed())
  }

  get isUsable(): boolean {
    return this.state === 'idle' && this.socket.writable && !this.isInputOver
  }

  /** Sends a request; only while idle. */
  send(request: HttpRequest, listener: ClientListener): void {
    this.requests++
    this.state = 'awaiting'
    this.listener = listener
    this.isHead = request.isHead
    this.isConnect = request.method === 'CONNECT'
    this.isUpgrade = request.isUpgrade
    this.isPersistent = true
    this.isHeard = false
    this.writer.write(encodeRequestHead(request))
    this.sendBody(request.body)
    this.writer.flush()
  }

  /** Gives up this listener's request, if it is still the one under way. */
  abandon(listener: ClientListener): void {
    if (this.listener === listener) this.close()
  }

  /** Ends the connection and what is under way. */
  close(): void {
    this.listener = null
    this.outgoing?.detach()
    this.outgoing = null
    this.socket.destroy()
  }

  /** Sends a tunnel's bytes, after the response that opened it. */
  tunnel(source: BodySource): void {
    this.sendBody(source)
  }

  outgoingEnded(sink: RequestSink): void {
    if (this.outgoing !== sink) return
    this.outgoing = null
    this.writer.flush()
    if (sink.source.framing.kind === 'close') this.socket.end()
  }

  outgoingBroken(sink: RequestSink): void {
    if (this.outgoing !== sink) return
    this.outgoing = null
    this.fail('client closed')
  }

  bodyWants(): void {
    this.pump()
  }

  bodyRests(): void {
    this.socket.pause()
  }

  bodyCancelled(): void {
    this.close()
  }

  private sendBody(source: BodySource): void {
    const sink = new RequestSink(this, source)
    this.outgoing = sink
    source.start(sink, true)
  }

  private received(chunk: Buffer): void {
    this.options.transport.read(chunk.length)
    this.isHeard = true
    if (this.state === 'idle') {
      // Nothing was asked: whatever it says would be taken for the next request's answer.
      this.socket.destroy()
      return
    }
    this.bytes = this.at < this.bytes.length ? Buffer.concat([this.bytes.subarray(this.at), chunk]) : chunk
    this.at = 0
    this.pump()
  }

  private pump(): void {
    if (this.isPumping) return
    this.isPumping = true
    while (this.step());
    this.isPumping = false
    if (this.state === 'closed') return
    if (this.at < this.bytes.length) {
      if (this.state === 'receiving' && this.body.state !== 'done') this.socket.pause()
      else this.fail('upstream sent more than it announced')
      return
    }
    this.bytes = EMPTY
    this.at = 0
    if (this.body.state !== 'resting' && this.socket.isPaused()) this.socket.resume()
    if (this.isInputOver) this.afterInput()
  }

  private step(): boolean {
    switch (this.state) {
      case 'awaiting':
        return this.at < this.bytes.length && this.readHead()
      case 'receiving': {
        if (this.body.state === 'flowing' && this.at < this.bytes.length) {
          const at = this.body.feed(this.bytes, this.at, this.bytes.length)
          if (at < 0) {
            this.fail(this.body.fault ?? 'invalid chunk')
            return false
          }
          this.at = at
        }
        if (this.body.state === 'done') this.complete()
        return false
      }
      case 'idle':
      case 'closed':
        return false
    }
  }

  private readHead(): boolean {
    const end = this.reader.read(this.bytes, this.at, this.bytes.length)
    if (end === INCOMPLETE) {
      this.at = this.bytes.length
      return false
    }
    if (end === FAULTY) {
      this.fail(`invalid response: ${this.reader.fault ?? 'head'}`)
      return false
    }
    this.at = end
    const { status } = this.response
    if (status === 101 && !this.isUpgrade) {
      this.fail('upstream switched protocols unasked')
      return false
    }
    if (status < 200 && status !== 101) {
      this.listener?.interim(this.response)
      return true
    }
    const framing = this.framing(status)
    this.isPersistent = this.isReusable(framing)
    this.body.begin(framing)
    this.response.body = this.body
    this.state = 'receiving'
    this.listener?.response(this.response)
    return true
  }

  private framing(status: number): Framing {
    if (status === 101 || (this.isConnect && status < 300)) return UNTIL_CLOSE
    if (this.isHead || status === 204 || status === 304) return NO_BODY
    const { framing } = this.parser
    if (framing.isChunked) return CHUNKED
    if (framing.contentLength === 0) return NO_BODY
    return framing.contentLength > 0 ? { kind: 'length', bytes: framing.contentLength } : UNTIL_CLOSE
  }

  private isReusable(framing: Framing): boolean {
    const said = this.parser.framing
    if (framing.kind === 'close' || said.isClose) return false
    return !this.response.isHttp10 || said.isKeepAlive
  }

  private complete(): void {
    this.listener = null
    if (this.outgoing !== null || !this.isPersistent || this.at < this.bytes.length || this.isInputOver) {
      this.close()
      return
    }
    this.state = 'idle'
    this.options.idle(this)
  }

  private inputEnded(): void {
    this.isInputOver = true
    if (this.at >= this.bytes.length) this.afterInput()
  }

  private afterInput(): void {
    if (this.state === 'receiving' && this.body.state !== 'waiting' && this.body.sourceEnded()) {
      if (this.outgoing?.source.framing.kind !== 'close') this.complete()
    } else this.fail('upstream closed')
  }

  private fail(message: string): void {
    const { listener, state, outgoing } = this
    this.listener = null
    this.outgoing = null
    outgoing?.detach()
    this.socket.destroy()
    if (state === 'awaiting') listener?.broken(message, !this.isHeard)
    else this.body.break(message)
  }

  private socketClosed(): void {
    if (this.state === 'closed') return
    this.fail(this.errno === '' ? 'upstream closed' : `upstream closed (${this.errno})`)
    this.state = 'closed'
    this.bytes = EMPTY
    this.options.transport.closed(this.errno)
    this.options.closed(this)
  }
}
