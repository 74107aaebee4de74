import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { type BodySource, UNTIL_CLOSE } from '#proxy/http/body.ts'
import { HttpRequest } from '#proxy/http/message.ts'
import type { Exchange } from '#proxy/http/service.ts'
import { patientTimeout } from '#proxy/patient-timeout.ts'
import { reset } from '#proxy/tcp/reset.ts'
import { encodeSynthetic } from './encode-head.ts'
import { endGently } from './end-gently.ts'
import { HeadReader } from './head-reader.ts'
import { FAULTY, type Fault, INCOMPLETE } from './header-lines.ts'
import { Http1Reply, type ReplyOwner } from './http1-reply.ts'
import { type BodyOwner, MessageBody } from './message-body.ts'
import { RequestParser } from './request-parser.ts'
import type { LeftConnection, ServerOptions } from './server-options.ts'
import { SocketWriter } from './socket-writer.ts'
import { mayUpgrade } from './upgrade.ts'

const EMPTY = Buffer.alloc(0)
const CONNECTED = Buffer.from('HTTP/1.1 200 OK\r\n\r\n', 'latin1')

/**
 * The server's side of an HTTP/1 connection: reads requests one after the other and hands each to the service
 * when the one before is answered, so pipelined ones are answered in order. Holds one read of bytes at most.
 */
export class ServerConnection implements BodyOwner, ReplyOwner {
  readonly writer: SocketWriter
  private readonly request = new HttpRequest()
  private readonly parser = new RequestParser(this.request)
  private readonly reader: HeadReader
  private readonly body: MessageBody
  private state: 'idle' | 'busy' | 'tunnel' | 'ending' | 'closed' = 'idle'
  private reply: Http1Reply | null = null
  private exchange: Exchange | null = null
  private bytes: Buffer = EMPTY
  private at = 0
  private isPumping = false
  private isInputOver = false
  private isPersistent = true
  private isDraining = false
  private errno = ''
  private stopWaiting: (() => void) | null = null
  isHead = false
  isConnect = false
  private readonly onData = (chunk: Buffer) => this.received(chunk)
  private readonly onEnd = () => this.inputEnded()
  private readonly onError = (error: NodeJS.ErrnoException) => {
    this.errno = error.code ?? 'unknown'
  }
  private readonly onDrain = () => this.reply?.drained()
  private readonly onClose = () => this.socketClosed()
  private readonly onTimeout = () => this.rested()

  constructor(
    private readonly socket: Socket,
    private readonly options: ServerOptions,
  ) {
    this.writer = new SocketWriter(socket, options.transport)
    this.reader = new HeadReader(this.parser, options.maxHeadBytes)
    this.body = new MessageBody(this, options.maxHeadBytes)
  }

  get isHttp10(): boolean {
    return this.request.isHttp10
  }

  get isRequestRead(): boolean {
    return this.body.state === 'done' || (this.body.state === 'waiting' && this.body.isEmpty)
  }

  /** Takes the socket over; `first` was read from it before. */
  start(first: Buffer): void {
    const { socket } = this
    socket.on('data', this.onData)
    socket.on('end', this.onEnd)
    socket.on('error', this.onError)
    socket.on('drain', this.onDrain)
    socket.on('close', this.onClose)
    socket.on('timeout', this.onTimeout)
    // One timer for the connection's life: a read or a write only moves it.
    socket.setTimeout(this.options.idleTimeoutMs)
    if (first.length > 0) this.received(first)
    else socket.resume()
    // An end can be told while nobody listens yet, even to a paused socket.
    if (socket.readableEnded) this.inputEnded()
    if (socket.closed) this.socketClosed()
  }

  /** Ends the connection now when it is idle, else after the answer under way. */
  drain(): void {
    this.isDraining = true
    this.endIfIdle()
  }

  close(): void {
    this.socket.destroy()
  }

  /** A request may wait to be read, after a busy moment. */
  private rested(): void {
    const { bytesRead } = this.socket
    setImmediate(() => {
      if (this.socket.bytesRead === bytesRead) this.endIfIdle()
    })
  }

  private endIfIdle(): void {
    if (this.state === 'idle' && !this.reader.isBegun) this.finish()
  }

  connectionHeader(willClose: boolean): string {
    if (this.isDraining || willClose) this.isPersistent = false
    if (!this.isPersistent) return 'close'
    return this.isHttp10 ? 'keep-alive' : ''
  }

  replyEnded(close: boolean): void {
    this.reply = null
    this.exchange = null
    if (this.state === 'tunnel') this.finish()
    if (this.state !== 'busy') return
    this.state = 'idle'
    const isGone = this.isInputOver && this.options.endMeansGone
    const isOver = this.isDraining || isGone || !this.isRequestRead
    if (close || !this.isPersistent || isOver) this.finish()
    else this.pump()
  }

  replyBroken(endsWithConnection: boolean): void {
    this.reply = null
    this.exchange = null
    if (endsWithConnection) reset(this.socket)
    this.destroyNow()
  }

  openTunnel(): BodySource {
    this.state = 'tunnel'
    this.body.begin(UNTIL_CLOSE)
    return this.body
  }

  bodyWants(): void {
    this.pump()
  }

  bodyRests(): void {
    this.socket.pause()
  }

  bodyCancelled(): void {
    // What is left of the body stays unread; the connection ends with the reply.
    if (!this.body.isEmpty) this.isPersistent = false
  }

  private received(chunk: Buffer): void {
    this.options.transport.read(chunk.length)
    this.bytes = this.at < this.bytes.length ? Buffer.concat([this.bytes.subarray(this.at), chunk]) : chunk
    this.at = 0
    this.pump()
  }

  /** Works through the bytes at hand as far as the state lets it; then reads on, or rests. */
  private pump(): void {
    if (this.isPumping) return
    this.isPumping = true
    while (this.at < this.bytes.length && this.step());
    this.isPumping = false
    if (this.state === 'closed') return
    if (this.at < this.bytes.length) {
      this.socket.pause()
      return
    }
    this.bytes = EMPTY
    this.at = 0
    if (this.body.state !== 'resting' && this.socket.isPaused()) this.socket.resume()
    if (this.isInputOver) this.afterInput()
  }

  /** Returns whether there may be more to do with the bytes at hand. */
  private step(): boolean {
    switch (this.state) {
      case 'idle':
        return this.readHead()
      case 'busy':
      case 'tunnel': {
        if (this.body.state !== 'flowing') return false
        const at = this.body.feed(this.bytes, this.at, this.bytes.length)
        if (at < 0) {
          this.refuse(this.body.fault ?? 'invalid chunk')
          return false
        }
        this.at = at
        return true
      }
      case 'ending':
      case 'closed':
        this.at = this.bytes.length
        return false
    }
  }

  private readHead(): boolean {
    const end = this.reader.read(this.bytes, this.at, this.bytes.length)
    if (end === INCOMPLETE) {
      this.at = this.bytes.length
      if (this.reader.isBegun) {
        this.stopWaiting ??= patientTimeout(() => this.answerAndEnd(408), this.options.headTimeoutMs)
      }
      return false
    }
    if (end === FAULTY) {
      this.refuse(this.reader.fault ?? 'invalid method')
      return false
    }
    this.clearTimer()
    this.at = end
    this.handle()
    return true
  }

  private handle(): void {
    const { parser, request } = this
    const { framing } = parser
    this.isPersistent = request.isHttp10 ? framing.isKeepAlive && !framing.isClose : !framing.isClose
    const isConnect = request.method === 'CONNECT'
    // What follows CONNECT are the tunnel's bytes: a body would be taken for them.
    if (isConnect && framing.ofRequestBody().kind !== 'none') {
      this.refuse('unsupported transfer-encoding')
      return
    }
    if (request.isHttp10 && framing.isChunked) {
      this.refuse('unsupported transfer-encoding')
      return
    }
    this.isHead = request.isHead
    this.isConnect = isConnect
    this.body.begin(framing.ofRequestBody())
    request.body = this.body
    request.isUpgrade = framing.isUpgrade && this.body.isEmpty && mayUpgrade(request)
    this.state = 'busy'
    const reply = new Http1Reply(this)
    this.reply = reply
    const { connect, service } = this.options
    const exchange =
      this.isConnect && connect !== undefined
        ? connect.handle(request, reply, () => this.leave(reply))
        : service.handle(request, reply)
    if (this.reply === reply) this.exchange = exchange
  }

  /** Answers a CONNECT request, and leaves the connection to others. */
  private leave(reply: Http1Reply): LeftConnection {
    const { options, socket } = this
    const first = this.bytes.subarray(this.at)
    this.reply = null
    this.exchange = null
    this.state = 'closed'
    reply.detach()
    this.writer.write(CONNECTED)
    this.writer.flush()
    socket.off('data', this.onData)
    socket.off('end', this.onEnd)
    socket.off('error', this.onError)
    socket.off('drain', this.onDrain)
    socket.off('close', this.onClose)
    socket.off('timeout', this.onTimeout)
    socket.setTimeout(0)
    socket.pause()
    // Counted again by whoever takes it.
    options.transport.read(-first.length)
    options.closed()
    return { socket, first }
  }

  private inputEnded(): void {
    this.isInputOver = true
    if (this.at >= this.bytes.length) this.afterInput()
  }

  private afterInput(): void {
    switch (this.state) {
      case 'idle':
        this.finish()
        return
      case 'ending':
        this.socket.destroySoon()
        return
      case 'tunnel':
        this.body.sourceEnded()
        return
      case 'busy': {
        const isWhole = this.body.isEmpty || this.body.state === 'done'
        if (!isWhole || this.options.endMeansGone) this.destroyNow()
        return
      }
      case 'closed':
        return
    }
  }

  private refuse(fault: Fault): void {
    this.answerAndEnd(fault === 'head too large' || fault === 'too many headers' ? 431 : 400)
  }

  private answerAndEnd(status: number): void {
    this.options.refused(status === 408 ? 'request timeout' : 'bad request')
    const isBegun = this.reply?.isBegun ?? false
    this.exchange?.requestBroken(status)
    this.exchange = null
    this.abandon()
    if (isBegun) this.destroyNow()
    else {
      this.writer.write(encodeSynthetic(status, '', 'close'))
      this.writer.flush()
      this.finish()
    }
  }

  /** Tells the exchange and the body that there is no client any more. */
  private abandon(): void {
    const { exchange, reply } = this
    this.reply = null
    this.exchange = null
    reply?.detach()
    exchange?.clientGone()
    this.body.break('client closed')
  }

  private finish(): void {
    this.clearTimer()
    if (this.state === 'closed' || this.state === 'ending') return
    this.state = 'ending'
    this.at = this.bytes.length
    endGently(this.socket, this.isInputOver)
  }

  private destroyNow(): void {
    this.abandon()
    this.socket.destroy()
  }

  private socketClosed(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.clearTimer()
    this.abandon()
    this.options.transport.closed(this.errno)
    this.options.closed()
  }

  private clearTimer(): void {
    this.stopWaiting?.()
    this.stopWaiting = null
  }
}
