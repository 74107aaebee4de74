import net from 'node:net'
import tls from 'node:tls'
import type { Identity } from '#proxy/identity/identity.ts'
import { type Connect, dialOptions, IdentityError, settle, type TcpTarget } from './connect.ts'
import { isCarriedBy } from './reset.ts'
import { subjectNames } from './subject-names.ts'
import { TRANSPORT_ALPN } from './transport-header.ts'

export interface TlsTarget extends TcpTarget {
  readonly serverName: string
  /** The name its certificate must hold. */
  readonly serverId: string
  /** Sent first on each connection, and asked for by ALPN; `null`: none. */
  readonly transportHeader: Uint8Array | null
}

/** Connections in TLS 1.3, with this proxy's certificate at the time, to a peer that must prove its identity. */
export function tlsConnect(target: TlsTarget, identity: Identity): Connect {
  return done => {
    const certified = identity.current()
    if (certified === null) {
      const message = 'Cannot connect: this proxy has no certificate yet'
      const soon = setImmediate(() => done({ kind: 'identity', message }))
      return () => clearImmediate(soon)
    }
    const { serverId, transportHeader } = target
    const carrier = net.connect(dialOptions(target))
    const socket = tls.connect({
      socket: carrier,
      secureContext: certified.client,
      servername: target.serverName,
      rejectUnauthorized: true,
      checkServerIdentity: (_, certificate) =>
        subjectNames(certificate.subjectaltname).includes(serverId)
          ? undefined
          : new IdentityError(
              `expected a certificate of ${serverId}, got one of ${certificate.subjectaltname ?? 'nobody'}`,
            ),
      ...(transportHeader === null ? {} : { ALPNProtocols: [TRANSPORT_ALPN] }),
    })
    isCarriedBy(socket, carrier)
    let isGivenUp = false
    const giveUp = settle(socket, carrier, target, result => {
      if (result.kind !== 'connected') return done(result)
      const refusal = refusalOf(socket, transportHeader !== null)
      if (refusal !== null) {
        socket.on('error', () => {})
        socket.destroy()
        return done({
          kind: 'identity',
          message: `Cannot connect to ${target.host}:${target.port}: ${refusal}`,
        })
      }
      if (transportHeader === null) return done(result)
      const failed = (error: NodeJS.ErrnoException) => {
        socket.destroy()
        if (isGivenUp) return
        isGivenUp = true
        const message = `Cannot connect to ${target.host}:${target.port}: ${error.code ?? error.message}`
        done({ kind: 'connect', message })
      }
      socket.once('error', failed)
      // Whoever gets the socket may leave writing to Node's own code, which knows of no write before its first.
      socket.write(transportHeader, error => {
        if (error) return failed(error)
        socket.off('error', failed)
        if (!isGivenUp) done(result)
      })
    })
    return () => {
      isGivenUp = true
      giveUp()
    }
  }
}

function refusalOf(socket: tls.TLSSocket, needsAlpn: boolean): string | null {
  const protocol = socket.getProtocol()
  if (protocol !== 'TLSv1.3') return `expected TLSv1.3, got ${protocol ?? 'none'}`
  if (needsAlpn && socket.alpnProtocol !== TRANSPORT_ALPN) return 'the peer takes no transport header'
  return null
}
