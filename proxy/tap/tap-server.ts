import { constants } from 'node:crypto'
import { once, setMaxListeners } from 'node:events'
import { createSecureServer, type ServerHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { Code, ConnectError, createContextValues } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import { Tap } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { proveClient } from '#proxy/accept/prove-client.ts'
import type { SocketAddress } from '#proxy/config.ts'
import type { Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'
import { clientIdKey, tapService } from './tap-service.ts'
import type { Taps } from './taps.ts'

/** On a busy machine a handshake of two busy processes takes seconds. */
const HANDSHAKE_TIMEOUT_MS = 10_000
const MAX_CONNECTIONS = 64
const MAX_STREAMS_PER_CONNECTION = 32
const MAX_REQUEST_BYTES = 64 * 1024
/** Finds a client that vanished without a word. */
const KEEP_ALIVE_MS = 15_000
/** How long a connection may rest without a call. */
const IDLE_TIMEOUT_MS = 60_000
/** How long a client may take to read its streams' ends. */
const CLOSE_WITHIN_MS = 500

export interface TapServer {
  readonly address: SocketAddress
  /** Ends all taps and connections. Safe twice. */
  close(): Promise<void>
}

/**
 * Serves taps over HTTP/2 in mesh TLS, with this proxy's certificate of the moment, to clients that show one of the
 * mesh's own; the one named `clientName` may tap. Rejects when the address cannot be bound.
 */
export async function startTapServer({
  listen,
  clientName,
  identity,
  taps,
  log,
  nowMs,
}: {
  listen: SocketAddress
  clientName: string
  identity: Identity
  taps: Taps
  log: Log
  nowMs: () => number
}): Promise<TapServer> {
  const shutdown = new AbortController()
  // One listener for each tap, and one for each call.
  setMaxListeners(0, shutdown.signal)
  const handler = connectNodeAdapter({
    routes: router => router.service(Tap, tapService(taps, clientName)),
    connect: false,
    grpcWeb: false,
    readMaxBytes: MAX_REQUEST_BYTES,
    // Compressed one by one, large events leave slower than they happen.
    acceptCompression: [],
    shutdownSignal: shutdown.signal,
    contextValues: request => {
      const socket = 'stream' in request ? request.stream.session?.socket : undefined
      const proven = socket instanceof TLSSocket ? proveClient(socket, nowMs()) : null
      return createContextValues().set(clientIdKey, proven?.kind === 'proven' ? proven.clientId : '')
    },
  })
  const server = createSecureServer(
    {
      minVersion: 'TLSv1.3',
      secureOptions: constants.SSL_OP_NO_TICKET,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      settings: { maxConcurrentStreams: MAX_STREAMS_PER_CONNECTION },
      SNICallback: (_, done) => {
        const certified = identity.current()
        if (certified === null) done(new Error('Cannot end TLS: this proxy has no certificate yet'))
        else done(null, certified.server)
      },
    },
    handler,
  )
  server.maxConnections = MAX_CONNECTIONS
  const sessions = new Set<ServerHttp2Session>()
  server.on('connection', (socket: Socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS))
  server.prependListener('secureConnection', (socket: TLSSocket) => {
    const proven = proveClient(socket, nowMs())
    if (proven.kind === 'proven') return
    log.warn('Connection refused', { port: 'tap', reason: proven.reason })
    socket.on('error', () => {})
    socket.destroy()
  })
  server.on('session', session => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
    closeWhenIdle(session)
    // A client that goes away is nothing to report; its taps end by themselves.
    session.on('error', () => {})
  })
  server.on('tlsClientError', (error, socket) => {
    log.warn('Connection refused', { port: 'tap', reason: error.message })
    socket.destroy()
  })
  server.listen(listen)
  await once(server, 'listening')
  // Out of file descriptors, and the like: the connection is lost, the port goes on.
  server.on('error', () => {})
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : listen.port
  let closing: Promise<void> | null = null
  return {
    address: { host: listen.host, port },
    close: () => {
      closing ??= new Promise(resolve => {
        const timer = setTimeout(() => {
          for (const session of sessions) session.destroy()
        }, CLOSE_WITHIN_MS)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        taps.close()
        shutdown.abort(new ConnectError('This proxy is shutting down', Code.Unavailable))
        for (const session of sessions) session.close()
      })
      return closing
    },
  }
}

/** A tap without traffic is silent for as long as it likes; a connection without a tap is not. */
function closeWhenIdle(session: ServerHttp2Session): void {
  let calls = 0
  session.on('stream', stream => {
    calls++
    stream.on('close', () => calls--)
  })
  session.setTimeout(IDLE_TIMEOUT_MS, () => {
    if (calls === 0) session.close()
  })
}
