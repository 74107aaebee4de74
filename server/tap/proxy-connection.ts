import type { Http2Session } from 'node:http2'
import type { PeerCertificate } from 'node:tls'
import type { MessageInitShape } from '@bufbuild/protobuf'
import { Code, ConnectError, createClient } from '@connectrpc/connect'
import { createGrpcTransport, type GrpcTransportOptions, Http2SessionManager } from '@connectrpc/connect-node'
import { type ObserveRequestSchema, Tap, type TapEvent } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'

/** What the server proves its name with, and whom it trusts; all as PEM. */
export interface TapCertificate {
  readonly keyPem: string
  readonly chainPem: string
  readonly trustAnchorsPem: string
}

/** A connection to the tap of one proxy. */
export interface ProxyConnection {
  /** What matches, as the proxy tells it; ends when the limit is reached, rejects when the proxy is gone or refuses. */
  observe(
    request: MessageInitShape<typeof ObserveRequestSchema>,
    signal: AbortSignal,
  ): AsyncIterable<TapEvent>
  /** Ends everything on it. Safe twice. */
  close(): void
}

/** Pings find a proxy that vanished without a word. */
const pings = { pingIntervalMs: 5_000, pingTimeoutMs: 5_000 }

/** What a proxy may send ahead of what is read; HTTP/2's own 64 KiB hold eight requests with large headers. */
const streamWindowBytes = 256 * 1024
const connectionWindowBytes = 512 * 1024

/**
 * A connection over mutual TLS 1.3 to the control port of an instance's proxy, which has to prove the instance's
 * identity. Rejects with the reason when there is none to be had.
 */
export async function connectToProxy(
  instance: Instance,
  certificate: TapCertificate,
): Promise<ProxyConnection> {
  const { ip, identity, proxyPorts } = instance
  if (identity === null) throw new TypeError(`Cannot tap ${instance.name}: expected an identity, found none`)
  const baseUrl = `https://${ip.includes(':') ? `[${ip}]` : ip}:${proxyPorts.control}`
  const sessionManager = new Http2SessionManager(baseUrl, pings, {
    settings: { initialWindowSize: streamWindowBytes, enablePush: false },
    key: certificate.keyPem,
    cert: certificate.chainPem,
    ca: certificate.trustAnchorsPem,
    minVersion: 'TLSv1.3',
    servername: identity,
    checkServerIdentity: (_: string, peer: PeerCertificate) => checkIdentity(peer, identity),
  })
  if ((await sessionManager.connect()) === 'error') {
    const error = sessionManager.error()
    sessionManager.abort()
    throw error ?? new ConnectError(`no connection to ${baseUrl}`, Code.Unavailable)
  }
  const transport = createGrpcTransport({
    baseUrl,
    sessionManager: withWindow(sessionManager),
    // Compressed one by one, large events come slower than they happen.
    acceptCompression: [],
  })
  const client = createClient(Tap, transport)
  return {
    observe: (request, signal) => client.observe(request, { signal }),
    close: () => sessionManager.abort(),
  }
}

/** The same, with room for all its streams: the setting that widens a stream's window leaves the connection's as it is. */
function withWindow(sessions: Http2SessionManager): NonNullable<GrpcTransportOptions['sessionManager']> {
  let widened: Http2Session | undefined
  return {
    authority: sessions.authority,
    async request(...asked) {
      const stream = await sessions.request(...asked)
      const { session } = stream
      if (session !== undefined && session !== widened) session.setLocalWindowSize(connectionWindowBytes)
      widened = session
      return stream
    },
    notifyResponseByteRead: stream => sessions.notifyResponseByteRead(stream),
  }
}

function checkIdentity({ subjectaltname = '' }: PeerCertificate, identity: string): Error | undefined {
  if (subjectaltname.split(', ').includes(`DNS:${identity}`)) return undefined
  return new Error(`proved another identity: expected ${identity}, found ${subjectaltname || 'none'}`)
}

/** Why a proxy is not tapped, for people, and what helps. */
export function failureText(error: unknown, { ip, proxyPorts }: Instance): string {
  const at = `${ip}:${proxyPorts.control}`
  const connectError = ConnectError.from(error)
  const why = connectError.rawMessage
  switch (connectError.code) {
    case Code.PermissionDenied:
    case Code.Unauthenticated:
      return `The proxy at ${at} refuses this server: ${why}; its LINKERD2_PROXY_TAP_SVC_NAME may name another`
    case Code.FailedPrecondition:
      return why
    case Code.Unimplemented:
      return `The proxy at ${at} has no tap`
    case Code.ResourceExhausted:
      return `The proxy at ${at} has too many taps: ${why}`
    default:
      return /ECONNREFUSED/.test(why)
        ? `Nothing listens at ${at}: the proxy is down, or its tap is off (LINKERD2_PROXY_TAP_SVC_NAME)`
        : `Lost the proxy at ${at}: ${why}`
  }
}
