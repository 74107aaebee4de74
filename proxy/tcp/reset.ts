import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

/** How long a TLS peer may take to read up to the record that breaks the connection off. */
const LINGER_MS = 2000

/**
 * A record that fails its authentication. A TLS connection that is merely closed looks to Node as if its bytes had
 * ended, and to reset the socket below one that is in use ends the process.
 */
const BROKEN_RECORD = Buffer.from([23, 3, 3, 0, 17, ...Buffer.alloc(17)])

const carriers = new WeakMap<Socket, Socket>()

/** Remembers the TCP socket that a TLS socket runs over. */
export function isCarriedBy(tlsSocket: Socket, tcpSocket: Socket): void {
  carriers.set(tlsSocket, tcpSocket)
}

/** Breaks a connection off so that its peer takes it for broken, and not for ended. Closes it, at the latest soon. */
export function reset(socket: Socket): void {
  // Those who were told of the end may listen no more.
  socket.on('error', () => {})
  const carrier = carriers.get(socket)
  if (carrier !== undefined) breakOff(socket, carrier)
  // An end on its way cannot be taken back, and a reset would fail.
  else if (socket.destroyed || (socket.writableEnded && !socket.writableFinished)) socket.destroy()
  else socket.resetAndDestroy()
}

function breakOff(socket: Socket, carrier: Socket): void {
  if (socket.destroyed || !carrier.writable) {
    socket.destroy()
    return
  }
  carrier.on('error', () => {})
  const close = () => socket.destroy()
  const timer = setTimeout(close, LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
  carrier.write(BROKEN_RECORD, close)
}
