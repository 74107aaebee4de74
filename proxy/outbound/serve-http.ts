import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { CLIENT_IDLE_TIMEOUT_MS, MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import type { Service } from '#proxy/http/service.ts'
import { ServerConnection } from '#proxy/http1/server-connection.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import type { OutboundContext } from './outbound-context.ts'

/** Serves the HTTP/1 requests of one client connection; `first` was read of it before. */
export function serveHttp1(
  { config, connections, telemetry }: OutboundContext,
  {
    socket,
    first,
    service,
    transport,
  }: { socket: Socket; first: Buffer; service: Service; transport: TransportMetrics },
): void {
  const connection: ServerConnection = new ServerConnection(socket, {
    service,
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
