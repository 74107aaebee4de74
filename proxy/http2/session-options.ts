import { MAX_HEADERS } from '#proxy/http/header-block.ts'
import { MAX_HEAD_BYTES } from '#proxy/http/limits.ts'

/** Streams at a time of one connection; a peer's further ones are refused. */
export const MAX_STREAMS = 256
const PSEUDO_FIELDS = 4

/**
 * What every session is made with. A stream holds at most its window of bytes that nobody took, a connection that of
 * `MAX_STREAMS`; fields beyond the limits reset their stream.
 */
export const SESSION_OPTIONS = {
  maxHeaderListPairs: MAX_HEADERS + PSEUDO_FIELDS,
  maxSessionMemory: 64,
  settings: {
    enablePush: false,
    initialWindowSize: 65_535,
    maxConcurrentStreams: MAX_STREAMS,
    maxHeaderListSize: MAX_HEAD_BYTES,
  },
} as const

/** Responses pass on their Date, or lack of one. */
export const NO_DATE = { sendDate: false } as const

/** Bytes that may be under way on a connection, all streams together. */
export const CONNECTION_WINDOW_BYTES = 1_048_576
