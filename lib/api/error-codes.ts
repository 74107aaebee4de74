/** Every code an error answer can carry, with its HTTP status. */
export const errorStatus = {
  /** A parameter is unknown, missing, or of the wrong shape. The hint lists what is allowed. */
  BAD_PARAMETER: 400,
  /** Two parameters exclude each other. */
  CONFLICTING_PARAMETERS: 400,
  /** `window` is not a duration. */
  WINDOW_INVALID: 400,
  /** The range holds fewer than two scrapes. The hint names the shortest one. */
  WINDOW_TOO_SHORT: 400,
  WINDOW_TOO_LONG: 400,
  /** Of `start` and `end` one is missing. */
  RANGE_INCOMPLETE: 400,
  /** `start` or `end` is not an instant. */
  RANGE_INVALID: 400,
  /** `end` is not after `start`. */
  RANGE_EMPTY: 400,
  /** Both a window and a range were given. */
  RANGE_AND_WINDOW: 400,
  /** `step` is not a duration, is too short, or cuts the range into too many steps. */
  STEP_INVALID: 400,
  /** The range ends before the oldest numbers that are kept. */
  RANGE_NOT_KEPT: 400,
  /** The `Host` header is not one this server answers to. */
  HOST_REFUSED: 400,
  /** The path is not UTF-8 in percent encoding. */
  BAD_PATH: 400,
  /** A proxy in front names a path prefix that cannot be one. */
  PREFIX_INVALID: 400,
  /** The `Origin` header is another site's. */
  ORIGIN_REFUSED: 403,
  UNKNOWN_NAMESPACE: 404,
  UNKNOWN_RESOURCE: 404,
  /** No service that is asked about has a route of this name. The hint lists the routes. */
  UNKNOWN_ROUTE: 404,
  /** No endpoint or page has this address. */
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  /** The body is over the limit. */
  BODY_TOO_LARGE: 413,
  /** The body is not said to be JSON, or is none. */
  BODY_NOT_JSON: 415,
  /** A client, or all of them, follow as many questions as the server allows. */
  TOO_MANY_SUBSCRIPTIONS: 429,
  /** None of the pods asked for has a proxy. */
  NOTHING_TO_TAP: 409,
  /** A client, or all of them, run as many taps as the server allows. */
  TOO_MANY_TAPS: 429,
  /** Where the numbers lie cannot be read at present. The hint says what helps; the next question may have an answer. */
  STORE_UNAVAILABLE: 503,
  /** The server failed; its log says more. */
  INTERNAL: 500,
} as const
export type ErrorCode = keyof typeof errorStatus
