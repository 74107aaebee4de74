import type { Socket } from 'socket.io'
import type { LiveClientEvents, LiveServerEvents } from '#lib/api/live.ts'

export type LiveSocket = Socket<LiveClientEvents, LiveServerEvents>

const maxDirect = 64

/**
 * How far a client has read. `hasRoom` is what it was when the round began: true when everything sent before had left,
 * so that at most one message per subscription ever waits.
 */
export class ClientRoom {
  readonly #socket: Pick<Socket, 'conn'>
  #waiting = 0
  #direct = 0
  #hasRoom = true

  constructor(socket: Pick<Socket, 'conn'>) {
    this.#socket = socket
    const { conn } = socket
    conn.on('packetCreate', () => {
      this.#waiting++
    })
    conn.on('flush', () => {
      this.#waiting = 0
    })
  }

  get hasRoom(): boolean {
    return this.#hasRoom
  }

  /** Looks again whether all that was sent has left. */
  noteRound(): void {
    const { transport } = this.#socket.conn
    // Between two polls there is nothing to write to, though nothing waits either.
    this.#hasRoom = this.#waiting === 0 && (transport.name === 'polling' || transport.writable)
    if (this.#hasRoom) this.#direct = 0
  }

  /** Whether a message may be sent outside the rounds: 64 may until the client has read all. */
  takeDirect(): boolean {
    if (this.#direct >= maxDirect) return false
    this.#direct++
    return true
  }
}
