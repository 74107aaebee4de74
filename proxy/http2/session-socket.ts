import type { Socket } from 'node:net'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'

/** What a peer has to close its end, once everything is said. */
const LINGER_MS = 2000

/**
 * Counts a socket whose bytes a session of node:http2 reads and writes by itself, and ends it with its peer: a peer
 * that has ended its half will never answer again. `countedBytes` of what was read before are counted too.
 */
export class SessionSocket {
  private readBytes: number
  private writtenBytes: number
  private errno = ''
  private linger: ReturnType<typeof setTimeout> | null = null

  constructor(
    private readonly socket: Socket,
    private readonly transport: TransportMetrics,
    countedBytes: number,
    closed: () => void,
  ) {
    this.readBytes = socket.bytesRead - countedBytes
    this.writtenBytes = socket.bytesWritten
    socket.on('error', error => {
      this.errno = (error as NodeJS.ErrnoException).code ?? 'unknown'
    })
    socket.on('end', () => socket.destroy())
    const ended = () => {
      if (this.linger !== null) clearTimeout(this.linger)
      this.count()
      transport.closed(this.errno)
      closed()
    }
    if (socket.closed) process.nextTick(ended)
    else socket.on('close', ended)
    if (socket.readableEnded) socket.destroy()
  }

  /** Everything is said: waits a while for the peer to close. */
  endSoon(): void {
    if (!this.socket.destroyed) this.linger ??= setTimeout(() => this.socket.destroy(), LINGER_MS)
  }

  /** Tells the bytes that went since it was called last. */
  count(): void {
    const { bytesRead, bytesWritten } = this.socket
    if (bytesRead > this.readBytes) this.transport.read(bytesRead - this.readBytes)
    if (bytesWritten > this.writtenBytes) this.transport.wrote(bytesWritten - this.writtenBytes)
    this.readBytes = bytesRead
    this.writtenBytes = bytesWritten
  }
}
