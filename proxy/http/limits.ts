/** Most bytes of a message's head, and of a chunked body's trailers. */
export const MAX_HEAD_BYTES = 64 * 1024
