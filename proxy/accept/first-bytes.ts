import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import { patientTimeout } from '#proxy/patient-timeout.ts'

export type FirstBytes<T> =
  | { readonly kind: 'decided'; readonly value: T; readonly bytes: Buffer }
  | { readonly kind: 'timeout'; readonly bytes: Buffer }
  /** The peer went away, or ended, before the bytes told enough. */
  | { readonly kind: 'closed'; readonly bytes: Buffer; readonly errno: string }

/**
 * Reads a socket until `decide` makes something of its first bytes (`null`: needs more), and leaves it paused
 * with all bytes read in the result. `decide` must decide within some KiB.
 */
export function readFirstBytes<T>(
  socket: Socket,
  first: Buffer,
  timeoutMs: number,
  decide: (bytes: Buffer) => T | null,
  done: (result: FirstBytes<T>) => void,
): void {
  let bytes = first
  let errno = ''
  const end = (result: FirstBytes<T>) => {
    stopWaiting()
    socket.pause()
    socket.off('data', received)
    socket.off('end', closed)
    socket.off('close', closed)
    done(result)
    socket.off('error', failed)
  }
  const received = (chunk: Buffer) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    const value = decide(bytes)
    if (value !== null) end({ kind: 'decided', value, bytes })
  }
  const failed = (error: NodeJS.ErrnoException) => {
    errno = error.code ?? 'unknown'
  }
  const closed = () => end({ kind: 'closed', bytes, errno })
  const stopWaiting = patientTimeout(() => end({ kind: 'timeout', bytes }), timeoutMs)
  socket.on('error', failed)
  const value = first.length === 0 ? null : decide(first)
  if (value !== null) {
    end({ kind: 'decided', value, bytes: first })
    return
  }
  // An end can be told while nobody listens yet, even to a paused socket.
  if (socket.readableEnded || socket.destroyed) {
    closed()
    return
  }
  socket.on('data', received)
  socket.on('end', closed)
  socket.on('close', closed)
  socket.resume()
}
