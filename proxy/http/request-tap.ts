import type { HeaderBlock } from './header-block.ts'
import type { HttpRequest, HttpResponse } from './message.ts'

/** How a tapped response ended: whole, with its gRPC status if it has one, or broken off with an HTTP/2 error code, whatever the HTTP version. */
export type TapEnd =
  | { readonly kind: 'whole'; readonly grpcStatus: string | null }
  | { readonly kind: 'reset'; readonly code: number }

/** The proxy's own answer, as the client saw it. */
export interface TapAnswer {
  readonly status: number
  readonly grpcStatus: string | null
}

/** Who watches one request. Messages are valid only during the calls; `answered` or `ended` comes last, once. */
export interface RequestTap {
  /** Its destination is known; told again when it is sent over another connection. */
  sent(request: HttpRequest): void
  responded(response: HttpResponse): void
  /** The proxy answered by itself. */
  answered(request: HttpRequest, answer: TapAnswer): void
  ended(request: HttpRequest, end: TapEnd, trailers: HeaderBlock | null): void
}
