import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { detectVersion } from '#proxy/accept/detect-http.ts'
import { readFirstBytes } from '#proxy/accept/first-bytes.ts'
import { CLIENT_IDLE_TIMEOUT_MS, MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import type { Service } from '#proxy/http/service.ts'
import { ServerConnection } from '#proxy/http1/server-connection.ts'
import type { ConnectService } from '#proxy/http1/server-options.ts'
import { Http2ServerConnection } from '#proxy/http2/server-connection.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import type { OutboundContext } from './outbound-context.ts'

/** A client connection, counted as opened. */
interface ServedClient {
  readonly socket: Socket
  /** What was read of it before. */
  readonly first: Buffer
  readonly service: Service
  /** Left out: CONNECT requests of HTTP/1 go to the service, too. */
  readonly connect?: ConnectService
  readonly transport: TransportMetrics
}

/** Serves the requests of one client connection, of whichever HTTP. */
export function serveHttp(context: OutboundContext, client: ServedClient): void {
  const { config, connections } = context
  const { socket, transport } = client
  let isGone = false
  const leave = () => {
    isGone = true
    socket.destroy()
  }
  const tracked = { drain: leave, close: leave }
  connections.add(tracked)
  readFirstBytes(socket, client.first, config.outboundDetectTimeoutMs, detectVersion, result => {
    connections.remove(tracked)
    const detected = { ...client, first: result.bytes }
    if (result.kind === 'decided' && result.value === 'http2') serveHttp2(context, detected)
    // What is silent or ends, an HTTP/1 connection knows how to take.
    else if (!isGone) serveHttp1(context, detected)
    else transport.closed('')
  })
}

/** Serves the HTTP/1 requests of one client connection. */
function serveHttp1(
  { config, connections, telemetry }: OutboundContext,
  { socket, first, service, connect, transport }: ServedClient,
): void {
  const connection: ServerConnection = new ServerConnection(socket, {
    service,
    ...(connect !== undefined && { connect }),
    transport,
    maxHeadBytes: MAX_HEAD_BYTES,
    headTimeoutMs: config.outboundDetectTimeoutMs,
    idleTimeoutMs: CLIENT_IDLE_TIMEOUT_MS,
    endMeansGone: false,
    refused: error => telemetry.outboundHttpError(error),
    closed: () => connections.remove(connection),
  })
  connections.add(connection)
  connection.start(first)
}

/** Serves the HTTP/2 requests of one client connection. */
function serveHttp2(
  { config, connections, telemetry }: OutboundContext,
  { socket, first, service, transport }: ServedClient,
): void {
  const connection: Http2ServerConnection = new Http2ServerConnection(socket, {
    service,
    transport,
    idleTimeoutMs: CLIENT_IDLE_TIMEOUT_MS,
    restoresHttp1: false,
    settings: config.http2.outboundServer,
    refused: error => telemetry.outboundHttpError(error),
    closed: () => connections.remove(connection),
  })
  connections.add(connection)
  connection.start(first)
}
