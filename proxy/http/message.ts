import { Buffer } from 'node:buffer'
import { type BodySource, EMPTY_BODY } from './body.ts'
import { HeaderBlock, Known } from './header-block.ts'

const EMPTY = Buffer.alloc(0)

/**
 * A request on its way through the proxy, of whichever HTTP version: a mutable record that the codec fills, the
 * stacks read and change, and another codec writes. Valid until its exchange ends, then used for the next one.
 */
export class HttpRequest {
  method = ''
  /** Holds the path and, usually, the headers too. */
  bytes: Buffer = EMPTY
  /** Path and query as they came, without scheme and authority; `*` for the server as a whole. */
  pathStart = 0
  pathEnd = 0
  /** Host and port as the client named them; empty when it named none. */
  authority = ''
  /** The target was an absolute URI, so its authority outranks the Host header. */
  isAbsolute = false
  isHttp10 = false
  /** It came over HTTP/2, and is to go on so. */
  isHttp2 = false
  /** It asks to leave HTTP on this connection. */
  isUpgrade = false
  readonly headers: HeaderBlock
  body: BodySource = EMPTY_BODY

  constructor(headers = new HeaderBlock()) {
    this.headers = headers
  }

  /** Path and query as text, one character a byte. */
  get target(): string {
    return this.bytes.toString('latin1', this.pathStart, this.pathEnd)
  }

  /** The path as text, without its query. */
  get path(): string {
    const target = this.target
    const query = target.indexOf('?')
    return query < 0 ? target : target.slice(0, query)
  }

  get isHead(): boolean {
    return this.method === 'HEAD'
  }

  /** Whether a gRPC client sent it. */
  get isGrpc(): boolean {
    const index = this.headers.find(Known.contentType)
    return index >= 0 && this.headers.valueAt(index).startsWith('application/grpc')
  }
}

/** A response on its way back. Valid until its exchange ends. */
export class HttpResponse {
  status = 0
  /** Where the reason phrase lies in the headers' bytes; empty for a response without one. */
  reasonStart = 0
  reasonEnd = 0
  isHttp10 = false
  readonly headers: HeaderBlock
  body: BodySource = EMPTY_BODY

  constructor(headers = new HeaderBlock()) {
    this.headers = headers
  }
}
