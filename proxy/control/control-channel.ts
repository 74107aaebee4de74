import type { SecureClientSessionOptions } from 'node:http2'
import type { PeerCertificate, SecureContext } from 'node:tls'
import type { Transport } from '@connectrpc/connect'
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import type { ControlAddress } from '#proxy/config.ts'
import type { HttpMetrics } from '#proxy/telemetry/telemetry.ts'
import { countCalls } from './count-calls.ts'

/** Pings find a peer that vanished without a word. */
const PING = { pingIntervalMs: 10_000, pingTimeoutMs: 10_000, pingIdleConnection: false }

/** A way to call one control-plane service. */
export interface ControlChannel {
  /** The transport of the credentials in use now. Throws while there are none and the service asks for them. */
  transport(): Transport
  /** Ends all calls. */
  close(): void
}

/**
 * A channel to the service: plaintext HTTP/2 when it has no name, else TLS to a peer that proves the name.
 * `credentials` are asked at each call, and new ones make a new connection: a call in progress keeps the old one.
 * `calls` counts them.
 */
export function createControlChannel(
  address: ControlAddress,
  credentials: () => SecureContext | null,
  calls: HttpMetrics | null = null,
): ControlChannel {
  const { name, port } = address
  const interceptors = calls === null ? [] : [countCalls(calls)]
  const host = address.host.includes(':') ? `[${address.host}]` : address.host
  const connect = (scheme: string, tls: SecureClientSessionOptions): Connection => {
    const baseUrl = `${scheme}://${host}:${port}`
    const sessions = new Http2SessionManager(baseUrl, PING, tls)
    return { sessions, transport: createGrpcTransport({ baseUrl, sessionManager: sessions, interceptors }) }
  }
  if (name === null) {
    const { transport, sessions } = connect('http', {})
    return { transport: () => transport, close: () => sessions.abort() }
  }
  const connections = new Map<SecureContext, Connection>()
  return {
    transport() {
      const secureContext = credentials()
      if (secureContext === null) throw new Error(`Cannot call ${name}: this proxy has no certificate yet`)
      const known = connections.get(secureContext)
      if (known !== undefined) return known.transport
      dropIdle(connections)
      const checkServerIdentity = (_: string, { subjectaltname }: PeerCertificate): Error | undefined =>
        checkName(subjectaltname, name)
      const made = connect('https', { secureContext, servername: name, checkServerIdentity })
      connections.set(secureContext, made)
      return made.transport
    },
    close() {
      for (const { sessions } of connections.values()) sessions.abort()
    },
  }
}

interface Connection {
  readonly transport: Transport
  readonly sessions: Http2SessionManager
}

function dropIdle(connections: Map<SecureContext, Connection>): void {
  for (const [context, { sessions }] of connections) {
    if (sessions.state() === 'open') continue
    sessions.abort()
    connections.delete(context)
  }
}

function checkName(subjectAltName: string | undefined, name: string): Error | undefined {
  if ((subjectAltName ?? '').split(', ').includes(`DNS:${name}`)) return undefined
  return new Error(`Control plane proved another name: expected DNS:${name}, got ${subjectAltName ?? 'none'}`)
}
