import { Buffer } from 'node:buffer'
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

interface ReadByProxy extends ReadRequests {
  /** What would go on to a server, request after request. */
  readonly forwarded: Buffer
}

/** Reads requests as a connection of the proxy does, from pieces, and writes them as it would pass them on. */
export function readWithProxy(pieces: readonly Buffer[], keepsChunkFraming = true): ReadByProxy {
  const reading = new Reading(keepsChunkFraming)
  for (const piece of pieces) reading.feed(piece)
  return reading
}

class Reading implements ReadByProxy {
  readonly requests: ReadRequest[] = []
  fault: string | null = null
  private readonly request = new HttpRequest()
  private readonly parser = new RequestParser(this.request)
  private readonly reader = new HeadReader(this.parser, MAX_HEAD_BYTES)
  private readonly body = new MessageBody(OWNER, MAX_HEAD_BYTES)
  private readonly written: Buffer[] = []
  private state: 'head' | 'body' | 'over' = 'head'

  constructor(private readonly keepsChunkFraming: boolean) {}

  get isOver(): boolean {
    return this.state === 'over'
  }

  get forwarded(): Buffer {
    return Buffer.concat(this.written)
  }

  feed(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && this.fault === null && this.state !== 'over') {
      at = this.state === 'head' ? this.readHead(bytes, at) : this.readBody(bytes, at)
    }
  }

  private readHead(bytes: Buffer, from: number): number {
    const end = this.reader.read(bytes, from, bytes.length)
    if (end === INCOMPLETE) return bytes.length
    if (end === FAULTY) return this.refuse(this.reader.fault ?? 'invalid method', bytes)
    const { parser, request } = this
    const { framing } = parser
    const bodyFraming = framing.ofRequestBody()
    if (request.isHttp10 && framing.isChunked) return this.refuse('unsupported transfer-encoding', bytes)
    if (request.method === 'CONNECT' && bodyFraming.kind !== 'none') {
      return this.refuse('unsupported transfer-encoding', bytes)
    }
    this.body.begin(bodyFraming)
    request.body = this.body
    request.isUpgrade = framing.isUpgrade && this.body.isEmpty && mayUpgrade(request)
    const read: ReadRequest = {
      method: request.method,
      target: targetOf(request),
      isHttp10: request.isHttp10,
      headers: headersOf(request.headers),
      body: '',
      trailers: [],
      isWhole: false,
    }
    this.requests.push(read)
    const isLast = request.isHttp10 ? !framing.isKeepAlive || framing.isClose : framing.isClose
    const leavesHttp = request.method === 'CONNECT' || request.isUpgrade
    this.written.push(Buffer.from(encodeRequestHead(request)))
    this.state = 'body'
    this.body.start(this.sink(read, isLast || leavesHttp), this.keepsChunkFraming)
    return end
  }

  private readBody(bytes: Buffer, from: number): number {
    const end = this.body.feed(bytes, from, bytes.length)
    return end < 0 ? this.refuse(this.body.fault ?? 'invalid chunk', bytes) : end
  }

  private sink(read: ReadRequest, isLast: boolean): BodySink {
    const isChunked = this.body.framing.kind === 'chunked'
    const chunks: Buffer[] = []
    return {
      data: chunk => {
        const copy = Buffer.from(chunk)
        chunks.push(copy)
        if (isChunked && !this.keepsChunkFraming) {
          this.written.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), copy, Buffer.from('\r\n'))
        } else this.written.push(copy)
        return true
      },
      flush: () => {
        const all = Buffer.concat(chunks)
        read.body = isChunked && this.keepsChunkFraming ? unframed(all) : all.toString('latin1')
      },
      end: trailers => {
        const all = Buffer.concat(chunks)
        read.body = isChunked && this.keepsChunkFraming ? unframed(all) : all.toString('latin1')
        if (trailers !== null) read.trailers = headersOf(trailers)
        if (isChunked) this.written.push(Buffer.from(encodeLastChunk(trailers)))
        read.isWhole = true
        this.state = isLast ? 'over' : 'head'
      },
      abort: () => {},
    }
  }

  private refuse(fault: string, bytes: Buffer): number {
    this.fault = fault
    return bytes.length
  }
}

/** Chunks of which the framing was checked already, without it. */
function unframed(bytes: Buffer): string {
  let text = ''
  let at = 0
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf('\r\n', at)
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    text += bytes.toString('latin1', lineEnd + 2, lineEnd + 2 + size)
    at = lineEnd + 2 + size + 2
  }
  return text
}

function targetOf(request: HttpRequest): string {
  if (request.method === 'CONNECT') return request.authority
  return request.isAbsolute ? `http://${request.authority}${request.target}` : request.target
}

/** All lines as they came, whether or not they go on. */
function headersOf(block: HeaderBlock): [string, string][] {
  return Array.from({ length: block.count }, (_, i) => [
    block.bytes.toString('latin1', block.nameStarts[i], block.nameEnds[i]),
    block.valueAt(i),
  ])
}
