import { MAX_HEADERS } from '#proxy/http/header-block.ts'
import { MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import type { KeepAliveOptions } from './keep-alive.ts'

const PSEUDO_FIELDS = 4

/** What one side of HTTP/2 connections may be told. */
export interface Http2Settings {
  /** Bytes that may be under way on a stream, and on a connection, all its streams together. */
  readonly streamWindowBytes: number
  readonly connectionWindowBytes: number
  /** Streams at a time of one connection; a peer's further ones are refused. */
  readonly maxStreams: number
  /** The largest frame that is taken; left out: what HTTP/2 begins with. */
  readonly maxFrameBytes?: number
  readonly keepAlive: KeepAliveOptions
}

/** Linkerd's windows, and signs of life as often as it asks for them. */
export const HTTP2_DEFAULTS: Http2Settings = {
  streamWindowBytes: 65_535,
  connectionWindowBytes: 1_048_576,
  maxStreams: 256,
  keepAlive: { intervalMs: 10_000, timeoutMs: 3_000 },
}

/**
 * What a session is made with. A stream holds at most its window of bytes that nobody took, a connection that of all
 * its streams; fields beyond the limits reset their stream.
 */
export function sessionOptions({ maxFrameBytes, maxStreams, streamWindowBytes }: Http2Settings) {
  return {
    maxHeaderListPairs: MAX_HEADERS + PSEUDO_FIELDS,
    maxSessionMemory: 64,
    settings: {
      enablePush: false,
      initialWindowSize: streamWindowBytes,
      maxConcurrentStreams: maxStreams,
      maxHeaderListSize: MAX_HEAD_BYTES,
      ...(maxFrameBytes !== undefined && { maxFrameSize: maxFrameBytes }),
    },
  }
}

/** Responses pass on their Date, or lack of one. */
export const NO_DATE = { sendDate: false } as const
