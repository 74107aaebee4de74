import type { Buffer } from 'node:buffer'
import type { BodySink } from '#proxy/http/body.ts'
import type { HeaderBlock } from '#proxy/http/header-block.ts'
import { MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import { HttpRequest } from '#proxy/http/message.ts'
import { encodeLastChunk, encodeRequestHead } from '#proxy/http1/encode-head.ts'
import { HeadReader } from '#proxy/http1/head-reader.ts'
import { FAULTY, INCOMPLETE } from '#proxy/http1/header-lines.ts'
import { MessageBody } from '#proxy/http1/message-body.ts'
import { RequestParser } from '#proxy/http1/request-parser.ts'
import { mayUpgrade } from '#proxy/http1/upgrade.ts'
import type { ReadRequest, ReadRequests } from './read-message.ts'

const OWNER = { bodyWants: () => {}, bodyRests: () => {}, bodyCancelled: () => {} }

/** Reads requests from pieces as a connection of the proxy does, and writes them as it would pass them on. */
export function readWithProxy(pieces: readonly Buffer[], keepsChunkFraming = true): ReadRequests {
  const reader = new ProxyReader()
  reader.read(pieces, keepsChunkFraming)
  return reader
}

/** A connection of the proxy, used again for input after input. */
export class ProxyReader implements ReadRequests, BodySink {
  requests: ReadRequest[] = []
  fault: string | null = null
  /** What would go on to a server, request after request. */
  forwarded = ''
  private readonly request = new HttpRequest()
  private readonly parser = new RequestParser(this.request)
  private body = new MessageBody(OWNER, MAX_HEAD_BYTES)
  private reader = new HeadReader(this.parser, MAX_HEAD_BYTES)
  private current: ReadRequest | null = null
  private isLast = false
  private bodyBytes = ''
  private keepsChunkFraming = true
  private state: 'head' | 'body' | 'over' = 'head'

  get isOver(): boolean {
    return this.state === 'over'
  }

  /** Forgets what was read before. */
  read(pieces: readonly Buffer[], keepsChunkFraming: boolean): void {
    this.requests = []
    this.fault = null
    this.reader = new HeadReader(this.parser, MAX_HEAD_BYTES)
    // A connection ends with a message that is not whole: no body follows another's half.
    if (this.current !== null) this.body = new MessageBody(OWNER, MAX_HEAD_BYTES)
    this.current = null
    this.forwarded = ''
    this.bodyBytes = ''
    this.keepsChunkFraming = keepsChunkFraming
    this.state = 'head'
    for (const piece of pieces) this.feed(piece)
  }

  feed(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && this.fault === null && this.state !== 'over') {
      at = this.state === 'head' ? this.readHead(bytes, at) : this.readBody(bytes, at)
    }
  }

  data(chunk: Buffer): boolean {
    const text = chunk.toString('latin1')
    this.bodyBytes += text
    this.forwarded += this.isReframed ? `${chunk.length.toString(16)}\r\n${text}\r\n` : text
    return true
  }

  flush(): void {
    if (this.current !== null) this.current.body = this.bodyText()
  }

  end(trailers: HeaderBlock | null): void {
    const { current } = this
    if (current === null) return
    current.body = this.bodyText()
    if (trailers !== null) current.trailers = headersOf(trailers)
    if (this.body.framing.kind === 'chunked') this.forwarded += encodeLastChunk(trailers).toString('latin1')
    current.isWhole = true
    this.current = null
    this.state = this.isLast ? 'over' : 'head'
  }

  abort(): void {}

  private get isReframed(): boolean {
    return this.body.framing.kind === 'chunked' && !this.keepsChunkFraming
  }

  private bodyText(): string {
    const isFramed = this.body.framing.kind === 'chunked' && this.keepsChunkFraming
    return isFramed ? unframed(this.bodyBytes) : this.bodyBytes
  }

  private readHead(bytes: Buffer, from: number): number {
    const end = this.reader.read(bytes, from, bytes.length)
    if (end === INCOMPLETE) return bytes.length
    if (end === FAULTY) return this.refuse(this.reader.fault ?? 'invalid method', bytes)
    const { body, parser, request } = this
    const { framing } = parser
    const bodyFraming = framing.ofRequestBody()
    if (request.isHttp10 && framing.isChunked) return this.refuse('unsupported transfer-encoding', bytes)
    if (request.method === 'CONNECT' && bodyFraming.kind !== 'none') {
      return this.refuse('unsupported transfer-encoding', bytes)
    }
    body.begin(bodyFraming)
    request.body = body
    request.isUpgrade = framing.isUpgrade && body.isEmpty && mayUpgrade(request)
    this.current = {
      method: request.method,
      target: targetOf(request),
      isHttp10: request.isHttp10,
      headers: headersOf(request.headers),
      body: '',
      trailers: [],
      isWhole: false,
    }
    this.requests.push(this.current)
    const closes = request.isHttp10 ? !framing.isKeepAlive || framing.isClose : framing.isClose
    this.isLast = closes || request.method === 'CONNECT' || request.isUpgrade
    this.forwarded += encodeRequestHead(request).toString('latin1')
    this.bodyBytes = ''
    this.state = 'body'
    body.start(this, this.keepsChunkFraming)
    return end
  }

  private readBody(bytes: Buffer, from: number): number {
    const end = this.body.feed(bytes, from, bytes.length)
    return end < 0 ? this.refuse(this.body.fault ?? 'invalid chunk', bytes) : end
  }

  private refuse(fault: string, bytes: Buffer): number {
    this.fault = fault
    return bytes.length
  }
}

/** Chunks of which the framing was checked already, without it. */
function unframed(framed: string): string {
  let text = ''
  let at = 0
  while (at < framed.length) {
    const lineEnd = framed.indexOf('\r\n', at)
    const size = Number.parseInt(framed.slice(at, lineEnd), 16)
    text += framed.slice(lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
  return text
}

function targetOf(request: HttpRequest): string {
  if (request.method === 'CONNECT') return request.authority
  return request.isAbsolute ? `http://${request.authority}${request.target}` : request.target
}

/** All lines as they came, whether or not they go on. */
function headersOf({
  bytes,
  count,
  end,
  nameEnds,
  nameStarts,
  valueEnds,
  valueStarts,
}: HeaderBlock): string[] {
  const start = nameStarts[0] ?? 0
  const text = bytes.toString('latin1', start, end)
  const all: string[] = []
  for (let i = 0; i < count; i++) {
    all.push(text.slice((nameStarts[i] ?? 0) - start, (nameEnds[i] ?? 0) - start))
    all.push(text.slice((valueStarts[i] ?? 0) - start, (valueEnds[i] ?? 0) - start))
  }
  return all
}
