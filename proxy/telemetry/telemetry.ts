import type { RateLimitScope } from '#lib/policy/rate-limiter.ts'
import type { PolicyRef } from '#lib/policy/server-policy.ts'

/** How one end of a connection is secured, as labels. */
export type TlsLabels =
  | { readonly kind: 'server'; readonly clientId: string }
  | { readonly kind: 'client'; readonly serverId: string }
  /** Of the app's own, passed on as it is. */
  | { readonly kind: 'opaque'; readonly serverName: string }
  | { readonly kind: 'none'; readonly reason: string }

/** What all requests of one inbound connection and port have in common. */
export interface InboundLabels {
  /** The app's real port: `127.18.0.3:8080`. */
  readonly targetIp: string
  readonly targetPort: number
  readonly tls: TlsLabels
  readonly server: PolicyRef
  /** The address of the caller: counted for callers without an identity. */
  readonly clientIp: string
}

/** What all requests of one inbound connection to one of its routes have in common. */
export interface InboundHttpLabels extends InboundLabels {
  readonly route: PolicyRef
}

/** What all requests to one endpoint of one authority have in common. */
export interface OutboundLabels {
  readonly authority: string
  readonly targetIp: string
  readonly targetPort: number
  readonly tls: TlsLabels
  /** `dst_*` without the prefix. */
  readonly destination: Readonly<Record<string, string>>
}

/** A service of the control plane; `name` is `null` where none is asked of it. */
export interface ControlAddressLabels {
  readonly host: string
  readonly port: number
  readonly name: string | null
}

/** What went wrong with a request, as families `outbound_*_route_*` name it. */
export type RouteError =
  | 'FAIL_FAST'
  | 'LOAD_SHED'
  | 'REQUEST_TIMEOUT'
  | 'RESPONSE_HEADERS_TIMEOUT'
  | 'RESPONSE_STREAM_TIMEOUT'
  | 'IDLE_TIMEOUT'
  | 'CANCEL'
  | 'REFUSED'
  | 'ENHANCE_YOUR_CALM'
  | 'RESET'
  | 'IO'
  | 'UNKNOWN'

/** How a response ended. */
export interface Outcome {
  readonly status: number
  readonly failure: boolean
  /** Number as text; empty when not gRPC. */
  readonly grpcStatus: string
  /** Empty when it ended well. */
  readonly error: string
  /** Of what families of routes tell apart, and `error` does not. */
  readonly cause?: RouteError
}

/** Counters of one label set, bound once: calls on the hot path only add numbers. */
export interface HttpMetrics {
  request(): void
  /** Times from the request's head: to the response's first body frame, and to its end. */
  response(outcome: Outcome, firstFrameMs: number, durationMs: number): void
}

/** Failed attempts that their route lets be sent again. */
export interface RetryMetrics {
  retried(): void
  /** The budget was spent. */
  skipped(): void
}

export interface TransportMetrics {
  opened(): void
  read(bytes: number): void
  wrote(bytes: number): void
  /** `errno` is empty for an orderly close. */
  closed(errno: string): void
}

/** A resource of Kubernetes, or something that stands for one, as labels; what it does not have is empty. */
export interface ResourceLabels {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly port: number
  readonly section: string
}

/** A service that was asked for, and the one of it that takes its requests. */
export interface BalancerLabels {
  readonly kind: 'http' | 'tcp'
  readonly parent: ResourceLabels
  readonly backend: ResourceLabels
}

/** Endpoints by whether requests may go to them now. */
export interface EndpointCounts {
  readonly ready: number
  readonly pending: number
}

export interface BalancerMetrics {
  /** Its endpoints are read whenever they are printed, until the function it returns is called. */
  attach(endpoints: () => EndpointCounts, failfastTimeoutMs: number): () => void
  updated(change: 'Reset' | 'Add' | 'Remove'): void
  /** A request waits for an endpoint; `waited` says that it does no more. */
  waits(): void
  waited(): void
  /** A request, or a further attempt of it, goes to one of the endpoints. */
  requested(waitedMs: number): void
  /** Requests wait again when there is no endpoint, or fail at once. */
  gateOpened(): void
  gateShut(): void
}

/** A route of an outbound policy: of what it is, and where its requests go. */
export interface PolicyRouteLabels {
  /** Which families count it. */
  readonly kind: 'http' | 'grpc'
  readonly parent: ResourceLabels
  readonly route: ResourceLabels
  readonly backend: ResourceLabels
}

/** Counts requests, and the pieces of their bodies as they pass. */
export interface BodyMetrics extends HttpMetrics {
  frame(bytes: number): void
}

export interface PolicyRouteMetrics {
  /** What the client saw; frames are those of requests. */
  readonly effective: BodyMetrics
  /** Each attempt; frames are those of responses. */
  readonly actual: BodyMetrics
  retried(): void
  /** The last attempt of a retried request ended well. */
  retrySucceeded(): void
  /** A failed attempt was not sent again, as its request had been often enough. */
  retryLimitExceeded(): void
  /** A failed attempt was not sent again, as its request is too large to be kept. */
  retryOverflowed(): void
}

/** What became of an event for a tap: `sent`, or left out with its request because the limit was reached, the buffer was full or the client gone. */
export type TapResult = 'sent' | 'limit' | 'buffer' | 'closed'

/** What a connection's first bytes were taken for. */
export type DetectResult = 'http/1' | 'http/2' | 'not_http' | 'read_timeout' | 'error'

/** Connections to one service, of clients whose connection names it and not each request. */
export interface ServiceConnectionMetrics {
  /** Family `outbound_tcp_protocol_connections_total`. */
  taken(protocol: 'detect' | 'opaq'): void
  /** Families `outbound_tcp_detect_http_*`. */
  detected(result: DetectResult, durationMs: number): void
  /** Families `outbound_tcp_route_*`, for the address it was made to: passed on as it is. */
  passed(target: { readonly ip: string; readonly port: number }): void
  passedEnded(target: { readonly ip: string; readonly port: number }, error: '' | 'unexpected'): void
}

export interface Telemetry {
  /** Families `request_total`, `response_total`, `response_latency_ms`; and for callers without an identity `meshscope_inbound_client_*`. */
  inboundHttp(labels: InboundHttpLabels, authorization: PolicyRef): HttpMetrics
  outboundHttp(labels: OutboundLabels): HttpMetrics
  /** Families `control_request_total`, `control_response_total`, `control_response_latency_ms`: the proxy's own calls. */
  control(address: ControlAddressLabels): HttpMetrics
  /** Families `route_*`: what the client saw. `routeLabels` become `rt_*`. */
  route(
    direction: 'inbound' | 'outbound',
    dst: string,
    routeLabels: Readonly<Record<string, string>>,
  ): HttpMetrics
  /** Families `route_actual_*`: each attempt. */
  routeActual(dst: string, routeLabels: Readonly<Record<string, string>>): HttpMetrics
  /** Family `route_retryable_total`: attempts that might be sent again. */
  routeRetryable(dst: string, routeLabels: Readonly<Record<string, string>>): RetryMetrics
  /** Families `outbound_http_route_*` or `outbound_grpc_route_*`. */
  policyRoute(labels: PolicyRouteLabels): PolicyRouteMetrics
  /** Families `outbound_http_balancer_*` or `outbound_tcp_balancer_*`. */
  balancer(labels: BalancerLabels): BalancerMetrics
  serviceConnections(service: ResourceLabels): ServiceConnectionMetrics
  /** Families `inbound_tcp_detect_http_*`. */
  inboundDetected(
    labels: Pick<InboundLabels, 'server' | 'targetPort'>,
    result: DetectResult,
    durationMs: number,
  ): void
  /** Families `tcp_*`. */
  inboundSource(labels: InboundLabels): TransportMetrics
  inboundDestination(): TransportMetrics
  outboundSource(targetIp: string, targetPort: number): TransportMetrics
  outboundDestination(labels: OutboundLabels): TransportMetrics
  /** Families `inbound_http_authz_*_total`; a refusal without an identity also names the caller's address. */
  httpAllowed(labels: InboundHttpLabels, authorization: PolicyRef): void
  httpDenied(labels: InboundHttpLabels): void
  /** Family `inbound_http_route_not_found_total`: none of the port's routes takes the request. */
  httpRouteNotFound(labels: InboundLabels): void
  /** Family `inbound_http_local_ratelimit_total`. */
  httpLimited(labels: InboundLabels, limit: PolicyRef, scope: RateLimitScope): void
  tcpAllowed(labels: InboundLabels, authorization: PolicyRef): void
  tcpDenied(labels: InboundLabels): void
  /** Family `inbound_tcp_authz_terminate_total`: policy changed while the connection was open. */
  tcpTerminated(labels: InboundLabels): void
  inboundHttpError(error: string, labels: InboundLabels): void
  inboundTcpError(error: string, targetIp: string, targetPort: number): void
  outboundHttpError(error: string): void
  /** `targetIp` and `targetPort` are where the client connected to. */
  outboundTcpError(error: string, targetIp: string, targetPort: number): void
  transportHeader(sessionProtocol: string, targetPort: number, targetName: string, clientId: string): void
  /** Family `meshscope_tap_events_total`. */
  tapEvent(result: TapResult): void
  /** The exposition, rendered now. */
  render(): Uint8Array
}
