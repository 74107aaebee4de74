import { once, setMaxListeners } from 'node:events'
import { createServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'

/** A gRPC service that listens. */
export interface GrpcServer {
  readonly port: number
  /** Ends all streams and connections. Safe twice. */
  close(): Promise<void>
}

/** Requests of this API are a name, a token and a key. */
const maxRequestBytes = 256 * 1024
const maxStreamsPerConnection = 10_000
/** How long a peer may take to read its streams' ends. */
const closeWithinMs = 500

/** Serves gRPC over HTTP/2 without TLS at `host` and `port`; 0 takes a free one. */
export async function startGrpcServer(
  host: string,
  port: number,
  routes: (router: ConnectRouter) => void,
): Promise<GrpcServer> {
  const shutdown = new AbortController()
  // One listener for each open stream.
  setMaxListeners(0, shutdown.signal)
  const handler = connectNodeAdapter({
    routes,
    connect: false,
    grpcWeb: false,
    readMaxBytes: maxRequestBytes,
    shutdownSignal: shutdown.signal,
  })
  const server = createServer({ settings: { maxConcurrentStreams: maxStreamsPerConnection } }, handler)
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', session => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    // A peer that goes away is nothing to report; its streams end by themselves.
    session.on('error', () => {})
  })
  server.listen(port, host)
  await once(server, 'listening')
  let closing: Promise<void> | undefined
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      closing ??= new Promise(resolve => {
        const timer = setTimeout(() => {
          for (const session of sessions) session.destroy()
        }, closeWithinMs)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        shutdown.abort(new ConnectError('The control plane is shutting down', Code.Unavailable))
        for (const session of sessions) session.close()
      })
      return closing
    },
  }
}
