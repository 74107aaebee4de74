import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'

/** Bytes going both ways between two sockets. */
export interface Relay {
  close(): void
}

/**
 * Passes bytes between a client and a server until both have ended; each side's end is passed on by itself, and
 * a reset on one side resets the other. Counts bytes and closings on both. `ended` is called once.
 */
export function relay(
  client: { readonly socket: Socket; readonly metrics: TransportMetrics; readonly first: Buffer },
  server: { readonly socket: Socket; readonly metrics: TransportMetrics },
  ended: () => void,
): Relay {
  let open = 2
  const side = (
    { socket, metrics }: { socket: Socket; metrics: TransportMetrics },
    peer: { socket: Socket; metrics: TransportMetrics },
  ) => {
    let errno = ''
    socket.on('data', (chunk: Buffer) => {
      metrics.read(chunk.length)
      peer.metrics.wrote(chunk.length)
      if (peer.socket.writable && !peer.socket.write(chunk)) socket.pause()
    })
    socket.on('drain', () => peer.socket.resume())
    socket.on('end', () => peer.socket.end())
    socket.on('error', error => {
      errno = (error as NodeJS.ErrnoException).code ?? 'unknown'
    })
    socket.on('close', hadError => {
      metrics.closed(errno)
      if (hadError) peer.socket.destroy()
      else peer.socket.end()
      if (--open === 0) ended()
    })
  }
  side(client, server)
  side(server, client)
  if (client.first.length > 0) {
    client.metrics.read(client.first.length)
    server.metrics.wrote(client.first.length)
    server.socket.write(client.first)
  }
  // An end can be told while nobody listens yet, even to a paused socket.
  if (client.socket.readableEnded) server.socket.end()
  client.socket.resume()
  server.socket.resume()
  return {
    close: () => {
      client.socket.destroy()
      server.socket.destroy()
    },
  }
}
