import net from 'node:net'
import type { UpstreamFailure } from '#proxy/http/service.ts'
import { patientTimeout } from '#proxy/patient-timeout.ts'

export type Connected = { readonly kind: 'connected'; readonly socket: net.Socket } | UpstreamFailure

/** Opens a connection and calls back once; the function it returns gives up, without a call. */
export type Connect = (done: (result: Connected) => void) => () => void

export interface TcpTarget {
  readonly host: string
  readonly port: number
  /** The address to connect from; `null` leaves it to the system. */
  readonly localAddress: string | null
  readonly timeoutMs: number
}

/** The options of Node's `connect` for a target. */
export function dialOptions({ host, port, localAddress }: TcpTarget): net.TcpNetConnectOpts {
  return { host, port, allowHalfOpen: true, ...(localAddress === null ? {} : { localAddress }) }
}

/** Sends small writes at once, and notices peers that vanished. */
function tune(socket: net.Socket): void {
  socket.setNoDelay(true)
  socket.setKeepAlive(true, 10_000)
}

/** Connections in plain TCP. */
export function plainConnect(target: TcpTarget): Connect {
  return done => {
    const socket = net.connect(dialOptions(target))
    return settle(socket, socket, target, done)
  }
}

/**
 * Waits for a socket to connect under the target's timeout, and, when another carries it, for the end of its
 * handshake. A failure is told by its kind, and both sockets destroyed.
 */
export function settle(
  socket: net.Socket,
  carrier: net.Socket,
  target: TcpTarget,
  done: (result: Connected) => void,
): () => void {
  const event = socket === carrier ? 'connect' : 'secureConnect'
  const where = `${target.host}:${target.port}`
  const end = (result: Connected | null) => {
    stopWaiting()
    socket.off(event, succeeded)
    socket.off('error', failed)
    socket.off('close', closed)
    if (result?.kind !== 'connected') {
      for (const each of [socket, carrier]) {
        each.on('error', () => {})
        each.destroy()
      }
    }
    if (result !== null) done(result)
  }
  const succeeded = () => end({ kind: 'connected', socket })
  const failed = (error: NodeJS.ErrnoException) => {
    const isIdentity = error instanceof IdentityError || isCertificateError(error)
    const reason = error.code === undefined || isIdentity ? error.message : error.code
    const message = `Cannot connect to ${where}: ${reason}`
    if (isIdentity) end({ kind: 'identity', message })
    else end({ kind: 'connect', message, ...(error.code !== undefined && { errno: error.code }) })
  }
  const closed = () => end({ kind: 'connect', message: `Cannot connect to ${where}: closed` })
  const tooLate = () =>
    end({
      kind: 'connect-timeout',
      message: `Cannot connect to ${where} within ${target.timeoutMs} ms`,
      errno: 'ETIMEDOUT',
    })
  const stopWaiting = patientTimeout(tooLate, target.timeoutMs)
  tune(carrier)
  socket.once(event, succeeded)
  socket.once('error', failed)
  socket.once('close', closed)
  return () => end(null)
}

/** The peer proved to be another than the one asked for, or proved nothing. */
export class IdentityError extends Error {
  override name = 'IdentityError'
}

function isCertificateError(error: NodeJS.ErrnoException): boolean {
  return /^(UNABLE_TO_|CERT_|DEPTH_ZERO|SELF_SIGNED|INVALID_CA|ERR_TLS_CERT)/.test(error.code ?? '')
}
