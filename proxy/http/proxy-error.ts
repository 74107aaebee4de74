import type { HttpRequest } from './message.ts'
import type { Reply } from './service.ts'

/** Why the proxy answers by itself. */
export type ProxyErrorKind =
  | 'bad-request'
  | 'denied'
  | 'route-not-found'
  | 'rate-limited'
  | 'redirected'
  | 'injected'
  | 'unresolved'
  | 'failfast'
  | 'load-shed'
  | 'connect'
  | 'connect-timeout'
  | 'identity'
  | 'broken'
  | 'reset'
  | 'timeout'
  | 'unsupported'

/** Times of a request: to its end, to its response's head, from its own end to the response's, and without data. */
export type Timeout = 'request' | 'response-headers' | 'response' | 'idle'

export interface ProxyError {
  readonly kind: ProxyErrorKind
  readonly message: string
  /** In place of the status that its kind is answered with. */
  readonly status?: number
  /** Where the client is sent instead. */
  readonly location?: string
  /** Which time ran out. */
  readonly timeout?: Timeout
  /** Why an endpoint could not be reached, as the system names it. */
  readonly errno?: string
}

interface Answer {
  readonly status: number
  readonly grpcStatus: number
  /** Whether the client's connection ends with the answer. */
  readonly closes: boolean
  /** The `error` label of `*_http_errors_total`. */
  readonly label: string
}

/** Statuses and labels as Linkerd's proxy gives them. */
const ANSWERS: Readonly<Record<ProxyErrorKind, Answer>> = {
  'bad-request': { status: 400, grpcStatus: 3, closes: true, label: 'bad request' },
  denied: { status: 403, grpcStatus: 7, closes: false, label: 'unauthorized' },
  'route-not-found': { status: 404, grpcStatus: 5, closes: false, label: 'unexpected' },
  'rate-limited': { status: 429, grpcStatus: 8, closes: false, label: 'unexpected' },
  redirected: { status: 302, grpcStatus: 12, closes: false, label: 'unexpected' },
  injected: { status: 500, grpcStatus: 2, closes: false, label: 'unexpected' },
  unresolved: { status: 502, grpcStatus: 14, closes: false, label: 'unexpected' },
  failfast: { status: 504, grpcStatus: 4, closes: true, label: 'failfast' },
  'load-shed': { status: 503, grpcStatus: 14, closes: true, label: 'loadshed' },
  connect: { status: 502, grpcStatus: 14, closes: true, label: 'i/o' },
  'connect-timeout': { status: 504, grpcStatus: 14, closes: true, label: 'i/o' },
  identity: { status: 502, grpcStatus: 14, closes: true, label: 'identity required' },
  broken: { status: 502, grpcStatus: 14, closes: true, label: 'i/o' },
  reset: { status: 502, grpcStatus: 14, closes: true, label: 'i/o' },
  timeout: { status: 504, grpcStatus: 4, closes: false, label: 'response timeout' },
  unsupported: { status: 501, grpcStatus: 12, closes: true, label: 'unexpected' },
}

export function answerFor(kind: ProxyErrorKind): Answer {
  return ANSWERS[kind]
}

/** Status and gRPC status (`null`: no gRPC) that the client of this request sees. */
export function answerSeen(
  { isGrpc }: HttpRequest,
  error: ProxyError,
): { readonly status: number; readonly grpcStatus: string | null } {
  const { grpcStatus } = ANSWERS[error.kind]
  const status = statusOf(error)
  return isGrpc ? { status: 200, grpcStatus: String(grpcStatus) } : { status, grpcStatus: null }
}

/** Answers a request with an error of the proxy itself. `informational`: the client may read why. */
export function replyWithError(
  reply: Reply,
  request: HttpRequest,
  error: ProxyError,
  informational: boolean,
): void {
  const { grpcStatus, closes } = ANSWERS[error.kind]
  const message = headerText(error.message)
  const to = error.location === undefined ? '' : `location: ${headerText(error.location)}\r\n`
  const why = `${to}${informational ? `l5d-proxy-error: ${message}\r\n` : ''}`
  if (!request.isGrpc) {
    reply.synthetic(statusOf(error), why, closes)
    return
  }
  const grpcMessage = informational ? `grpc-message: ${encodeURI(message)}\r\n` : ''
  const grpc = `content-type: application/grpc\r\ngrpc-status: ${grpcStatus}\r\n${grpcMessage}`
  reply.synthetic(200, grpc + why, closes)
}

function statusOf({ kind, status }: ProxyError): number {
  return status ?? ANSWERS[kind].status
}

/** The text without anything that could end a header line. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ')
}
