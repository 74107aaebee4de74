import type { BodySink, BodySource } from './body.ts'
import type { HttpRequest, HttpResponse } from './message.ts'

/** Where a request's answer goes. After `end` or `abort` it is spent. */
export interface Reply extends BodySink {
  /** Whether bodies may come with their chunk framing: as `BodySource.start` takes it. */
  readonly acceptsChunkFraming: boolean
  /** Sends a 1xx response. */
  interim(response: HttpResponse): void
  /** Sends the head. The caller then starts the body, with a sink that passes everything on to this reply. */
  head(response: HttpResponse): void
  /** Whether `head` was called. */
  readonly isBegun: boolean
  /** Answers without a body of another: `headers` as `name: value\r\n` lines. Ends the reply. */
  synthetic(status: number, headers: string, close: boolean): void
  /** Leaves HTTP: what comes from now on is the tunnel's bytes. Only after a head of status 101 or to CONNECT. */
  tunnel(): BodySource
}

/** A request being answered. */
export interface Exchange {
  /** The client is gone. Called at most once, never after the reply's end. */
  clientGone(): void
  /** The rest of the request cannot be read, and its client is answered `status`. Called instead of `clientGone`. */
  requestBroken(status: number): void
}

/** What a connection hands its requests to. */
export interface Service {
  handle(request: HttpRequest, reply: Reply): Exchange
}

/** Takes what an upstream answers. One of `response` and `failed` comes, once. */
export interface ResponseReceiver {
  /** The request goes onto a connection; once more when that one turns out to be closed. */
  sent(): void
  /** A 1xx response; the real one is still to come. */
  interim(response: HttpResponse): void
  /** The receiver starts the body. */
  response(response: HttpResponse): void
  failed(failure: UpstreamFailure): void
}

/** Why no response came. */
export type UpstreamFailure =
  /** `errno` as the system names it; left out when it said nothing. */
  | { readonly kind: 'connect'; readonly message: string; readonly errno?: string }
  | { readonly kind: 'connect-timeout'; readonly message: string; readonly errno?: string }
  | { readonly kind: 'identity'; readonly message: string }
  /** Too many wait for the upstream already. */
  | { readonly kind: 'load-shed'; readonly message: string }
  /** The connection ended, or what came was not HTTP. */
  | { readonly kind: 'broken'; readonly message: string }
  /** The upstream gave up this one request, with an HTTP/2 error code. */
  | { readonly kind: 'reset'; readonly code: number; readonly message: string }

/** A request under way to an upstream. */
export interface Call {
  /** Gives up: no more calls to the receiver. Safe at any time. */
  cancel(): void
  /** The way for a tunnel's bytes toward the upstream, after a response of status 101 or to CONNECT. */
  tunnel(source: BodySource): void
}

/** One place requests can be sent to, with its connections. */
export interface Upstream {
  send(request: HttpRequest, receiver: ResponseReceiver): Call
  /** Closes what is idle now and the rest as it becomes so. */
  close(): void
}
