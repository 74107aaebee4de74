/** Every code an error answer can carry, with its HTTP status. */
export const errorStatus = {
  /** A parameter is unknown, missing, or of the wrong shape. The hint lists what is allowed. */
  BAD_PARAMETER: 400,
  /** Two parameters exclude each other. */
  CONFLICTING_PARAMETERS: 400,
  /** `window`, `start`, `end` or `step` cannot be read. */
  BAD_TIME: 400,
  /** The range holds fewer than two scrapes. The hint names the shortest one. */
  RANGE_TOO_SHORT: 400,
  /** The range ends before the oldest numbers that are kept. */
  RANGE_NOT_KEPT: 400,
  /** The `Host` header is not one this server answers to. */
  HOST_REFUSED: 400,
  /** The `Origin` header is another site's. */
  ORIGIN_REFUSED: 403,
  UNKNOWN_NAMESPACE: 404,
  UNKNOWN_RESOURCE: 404,
  /** No endpoint or page has this address. */
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  /** A client, or all of them, follow as many questions as the server allows. */
  TOO_MANY_SUBSCRIPTIONS: 429,
  /** The server failed; its log says more. */
  INTERNAL: 500,
} as const
export type ErrorCode = keyof typeof errorStatus
