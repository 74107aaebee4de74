import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { cut, keep } from './slab.ts'

/** More than this is written at once, and not copied together. */
const GATHER_BYTES = 16 * 1024

/** Gathers small pieces, so that a head and a short body leave in one packet and one TLS record. */
export class SocketWriter {
  private pieces: Buffer[] = []
  private bytes = 0

  constructor(
    private readonly socket: Socket,
    private readonly metrics: TransportMetrics,
  ) {}

  /** Returns `false` when the socket holds enough: wait for its `drain`. */
  write(piece: Buffer): boolean {
    this.pieces.push(piece)
    this.bytes += piece.length
    if (this.bytes > GATHER_BYTES) this.flush()
    return !this.socket.writableNeedDrain
  }

  flush(): void {
    const { bytes, pieces, socket } = this
    if (bytes === 0) return
    this.bytes = 0
    const first = pieces[0]
    if (socket.writable && first !== undefined) {
      this.metrics.wrote(bytes)
      if (pieces.length === 1) socket.write(first)
      else if (bytes <= GATHER_BYTES) socket.write(join(pieces, bytes))
      else {
        socket.cork()
        for (const piece of pieces) socket.write(piece)
        socket.uncork()
      }
    }
    pieces.length = 0
  }
}

function join(pieces: readonly Buffer[], bytes: number): Buffer {
  const joined = cut(bytes)
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return keep(joined, bytes)
}
