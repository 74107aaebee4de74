import type { Buffer } from 'node:buffer'
import type { HeaderBlock } from './header-block.ts'

/** How a message says where its body ends. */
export type Framing =
  | { readonly kind: 'none' }
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** Until the peer closes. */
  | { readonly kind: 'close' }

export const NO_BODY: Framing = { kind: 'none' }
export const CHUNKED: Framing = { kind: 'chunked' }
export const UNTIL_CLOSE: Framing = { kind: 'close' }

/** Takes a body, piece by piece. `end` or `abort` comes last, once. */
export interface BodySink {
  /** Returns `false` to ask for a rest: no more comes until the source's `resume`. */
  data(chunk: Buffer): boolean
  /** All that is at hand was given: a sink that gathers writes now. Not called after `end` or `abort`. */
  flush(): void
  /** The body is whole. Trailers are valid only during the call. */
  end(trailers: HeaderBlock | null): void
  /** The body broke off. `error` is a label: `upstream closed`, `h2(CANCEL)`. */
  abort(error: string): void
}

/** A body that waits to be taken; holds at most one read of bytes until then. */
export interface BodySource {
  readonly framing: Framing
  /** Whether any byte of it was handed to a sink. */
  readonly isTouched: boolean
  /** Handed over so far, without chunk framing. */
  readonly payloadBytes: number
  /**
   * Begins to hand the body over, often before returning. With `chunkFraming`, a chunked body comes as it is on
   * the wire, size lines included and checked, up to the last chunk, which is `end`. May be called again, for
   * another sink, as long as the body is untouched.
   */
  start(sink: BodySink, chunkFraming: boolean): void
  resume(): void
  /** The rest is not wanted. */
  cancel(): void
}

/** A body of no bytes. */
export const EMPTY_BODY: BodySource = {
  framing: NO_BODY,
  isTouched: false,
  payloadBytes: 0,
  start: sink => sink.end(null),
  resume: () => {},
  cancel: () => {},
}
