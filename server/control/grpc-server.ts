import { constants } from 'node:crypto'
import { once, setMaxListeners } from 'node:events'
import { createSecureServer, createServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import type { MemberCertificate } from './identity/member-certificate.ts'
import type { KeptCertificate } from './identity/own-certificate.ts'

/** A gRPC service that listens. */
export interface GrpcServer {
  readonly port: number
  /** Ends all streams and connections. Safe twice. */
  close(): Promise<void>
}

/** How a port proves who it is, and whom it lets in. */
export interface GrpcTls {
  readonly certificate: KeptCertificate
  /** `member`: only who shows a certificate of the mesh. */
  readonly clients: 'anyone' | 'member'
}

/** Requests of this API are a name, a token and a key. */
const maxRequestBytes = 256 * 1024
const maxStreamsPerConnection = 10_000
/** How long a peer may take to read its streams' ends. */
const closeWithinMs = 500
const handshakeTimeoutMs = 10_000
const maxConnections = 10_000

/** Serves gRPC over HTTP/2 at `host` and `port`; 0 takes a free one. With `tls: null` it speaks plaintext. */
export async function startGrpcServer(
  host: string,
  port: number,
  routes: (router: ConnectRouter) => void,
  tls: GrpcTls | null = null,
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
  const settings = { maxConcurrentStreams: maxStreamsPerConnection }
  const secure =
    tls && createSecureServer({ ...secureOptions(tls, tls.certificate.current()), settings }, handler)
  const stopRenewing = tls?.certificate.subscribe(renewed =>
    secure?.setSecureContext(secureOptions(tls, renewed)),
  )
  const server = secure ?? createServer({ settings }, handler)
  server.maxConnections = maxConnections
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
      stopRenewing?.()
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

/** TLS 1.3 alone. No session is resumed: it would carry a client's certificate past its expiry. */
function secureOptions({ clients }: GrpcTls, { keyPem, chainPem, trustAnchorsPem }: MemberCertificate) {
  return {
    key: keyPem,
    cert: chainPem,
    ca: trustAnchorsPem,
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: clients === 'member',
    rejectUnauthorized: clients === 'member',
  } as const
}
