import type { Buffer } from 'node:buffer'
import { constants } from 'node:crypto'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import type { Identity } from '#proxy/identity/identity.ts'
import { patientTimeout } from '#proxy/patient-timeout.ts'
import { isCarriedBy } from '#proxy/tcp/reset.ts'
import { TRANSPORT_ALPN } from '#proxy/tcp/transport-header.ts'
import { proveClient } from './prove-client.ts'

type Terminated =
  | {
      readonly kind: 'secured'
      readonly socket: tls.TLSSocket
      /** Empty when the client showed no certificate. */
      readonly clientId: string
      readonly hasTransportHeader: boolean
    }
  /** The handshake failed, or the client's certificate is not of this mesh; the socket is destroyed. */
  | { readonly kind: 'refused'; readonly reason: string }

/** Ends TLS on sockets whose first bytes were read already. */
export interface TlsTerminator {
  /** Calls back once. */
  terminate(socket: Socket, first: Buffer, done: (result: Terminated) => void): void
}

/**
 * A terminator that shows this proxy's certificate of the moment, in TLS 1.3. A client's certificate is asked
 * for, not required; one that does not chain to the trust anchors, or has expired, ends the connection before a byte
 * of it is read. No session is resumed: it would carry a certificate past its expiry.
 */
export function createTlsTerminator(
  identity: Identity,
  handshakeTimeoutMs: number,
  nowMs: () => number,
): TlsTerminator {
  const waiting = new Map<string, (result: Terminated) => void>()
  const server = tls.createServer({
    minVersion: 'TLSv1.3',
    secureOptions: constants.SSL_OP_NO_TICKET,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: [TRANSPORT_ALPN],
    SNICallback: (_, done) => {
      const certified = identity.current()
      if (certified === null) done(new Error('Cannot end TLS: this proxy has no certificate yet'))
      else done(null, certified.server)
    },
  })
  server.on('secureConnection', socket => {
    socket.pause()
    const result = judge(socket, nowMs())
    const done = waiting.get(peerOf(socket))
    if (done === undefined || result.kind === 'refused') {
      socket.on('error', () => {})
      socket.destroy()
    }
    done?.(result)
  })
  server.on('tlsClientError', (error, socket) => {
    socket.destroy()
    waiting.get(peerOf(socket))?.({ kind: 'refused', reason: error.message })
  })
  return {
    terminate(socket, first, done) {
      const peer = peerOf(socket)
      const settle = (result: Terminated) => {
        if (!waiting.delete(peer)) return
        stopWaiting()
        socket.off('close', closed)
        if (result.kind === 'secured') isCarriedBy(result.socket, socket)
        done(result)
      }
      const closed = () => settle({ kind: 'refused', reason: 'closed in the handshake' })
      const stopWaiting = patientTimeout(() => {
        socket.destroy()
        settle({ kind: 'refused', reason: 'handshake timeout' })
      }, handshakeTimeoutMs)
      waiting.set(peer, settle)
      socket.on('close', closed)
      socket.unshift(first)
      server.emit('connection', socket)
    },
  }
}

/** Unique among the connections of one listener. */
function peerOf(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`
}

function judge(socket: tls.TLSSocket, nowMs: number): Terminated {
  const client = proveClient(socket, nowMs)
  if (client.kind === 'refused') return client
  const { clientId } = client
  return { kind: 'secured', socket, clientId, hasTransportHeader: socket.alpnProtocol === TRANSPORT_ALPN }
}
