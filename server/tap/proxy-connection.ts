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

/** How long a proxy may take to accept a connection and to end the TLS handshake. */
const usualConnectTimeoutMs = 10_000

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
  connectTimeoutMs = usualConnectTimeoutMs,
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
  const timer = setTimeout(
    () => sessionManager.abort(new ConnectError(`${connectTimeoutMs} ms`, Code.DeadlineExceeded)),
    connectTimeoutMs,
  )
  const state = await sessionManager.connect()
  clearTimeout(timer)
  if (state === 'error') {
    const error = sessionManager.error()
    sessionManager.abort()
    throw error ?? new ConnectError(`no connection to ${baseUrl}`, Code.Unavailable)
  }
  const sessions = new WideSessions(sessionManager)
  // Compressed one by one, large events come slower than they happen.
  const client = createClient(
    Tap,
    createGrpcTransport({ baseUrl, sessionManager: sessions, acceptCompression: [] }),
  )
  return {
    async *observe(request, signal) {
      try {
        yield* client.observe(request, { signal })
      } catch (error) {
        throw sessions.isAnswered ? error : new UnansweredError(error)
      }
    },
    close: () => sessionManager.abort(),
  }
}

/** A client has done its part of a handshake before the server judges it: the connection ends then without a word. */
export class UnansweredError extends Error {
  override readonly name = 'UnansweredError'

  constructor(cause: unknown) {
    super(ConnectError.from(cause).rawMessage, { cause })
  }
}

type SessionManager = NonNullable<GrpcTransportOptions['sessionManager']>

/** The same, with room for all its streams: the setting that widens a stream's window leaves the connection's as it is. */
class WideSessions implements SessionManager {
  readonly #sessions: Http2SessionManager
  #widened: Http2Session | undefined
  #isAnswered = false

  constructor(sessions: Http2SessionManager) {
    this.#sessions = sessions
  }

  get authority(): string {
    return this.#sessions.authority
  }

  /** Whether the other end has said anything in HTTP/2: then it has accepted this one. */
  get isAnswered(): boolean {
    return this.#isAnswered
  }

  async request(...asked: Parameters<SessionManager['request']>): ReturnType<SessionManager['request']> {
    const stream = await this.#sessions.request(...asked)
    const { session } = stream
    if (session !== undefined && session !== this.#widened) {
      session.setLocalWindowSize(connectionWindowBytes)
      session.once('remoteSettings', this.#onAnswer)
    }
    stream.once('response', this.#onAnswer)
    this.#widened = session
    return stream
  }

  notifyResponseByteRead(stream: Parameters<SessionManager['notifyResponseByteRead']>[0]): void {
    this.#sessions.notifyResponseByteRead(stream)
  }

  readonly #onAnswer = (): void => {
    this.#isAnswered = true
  }
}

/** The other end proved to be somebody else. */
export class IdentityError extends Error {
  override readonly name = 'IdentityError'
}

function checkIdentity({ subjectaltname = '' }: PeerCertificate, identity: string): Error | undefined {
  const found = subjectaltname.split(', ').map(name => name.replace(/^DNS:/, ''))
  if (found.includes(identity)) return undefined
  return new IdentityError(`expected ${identity}, found ${found.join(', ') || 'none'}`)
}
