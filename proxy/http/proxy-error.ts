import type { HttpRequest } from './message.ts'
import type { Reply } from './service.ts'

/** Why the proxy answers by itself. */
export type ProxyErrorKind =
  | 'bad-request'
  | 'denied'
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

export interface ProxyError {
  readonly kind: ProxyErrorKind
  readonly message: string
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
  { kind }: ProxyError,
): { readonly status: number; readonly grpcStatus: string | null } {
  const { grpcStatus, status } = ANSWERS[kind]
  return isGrpc ? { status: 200, grpcStatus: String(grpcStatus) } : { status, grpcStatus: null }
}

/** Answers a request with an error of the proxy itself. `informational`: the client may read why. */
export function replyWithError(
  reply: Reply,
  request: HttpRequest,
  error: ProxyError,
  informational: boolean,
): void {
  const { status, grpcStatus, closes } = ANSWERS[error.kind]
  const message = headerText(error.message)
  const why = informational ? `l5d-proxy-error: ${message}\r\n` : ''
  if (!request.isGrpc) {
    reply.synthetic(status, why, closes)
    return
  }
  const grpcMessage = informational ? `grpc-message: ${encodeURI(message)}\r\n` : ''
  const grpc = `content-type: application/grpc\r\ngrpc-status: ${grpcStatus}\r\n${grpcMessage}`
  reply.synthetic(200, grpc + why, closes)
}

/** The text without anything that could end a header line. */
function headerText(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ')
}
