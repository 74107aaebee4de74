/** Most bytes of a message's head, and of a chunked body's trailers. */
export const MAX_HEAD_BYTES = 64 * 1024

/** How long a client's connection may rest between two requests. */
export const CLIENT_IDLE_TIMEOUT_MS = 600_000

/** How long an HTTP/2 connection to an upstream may rest without a request. */
export const HTTP2_IDLE_TIMEOUT_MS = 60_000
