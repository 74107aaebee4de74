import type { Socket } from 'node:net'

const LINGER_MS = 2000

/**
 * Ends a socket's output, and reads the rest of its input into the void for a while: a socket that is closed on
 * unread bytes resets its connection, and the peer may lose what was sent last.
 */
export function endGently(socket: Socket, isInputOver: boolean): void {
  if (isInputOver) {
    socket.end(() => socket.destroy())
    return
  }
  socket.end()
  socket.resume()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS)
  socket.once('close', () => clearTimeout(timer))
}
