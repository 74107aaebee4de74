import net from 'node:net'
import type { SocketAddress } from '#proxy/config.ts'

/** An open port with its connections. */
export interface Listener {
  readonly address: SocketAddress
  /**
   * Accepts no more, lets the requests under way be answered, closes idle connections; what is left after
   * `graceMs` is closed. Resolves when no connection is left.
   */
  drain(graceMs: number): Promise<void>
  close(): Promise<void>
}

/** A connection as its listener sees it. */
export interface Tracked {
  drain(): void
  close(): void
}

/** Keeps the connections of a listener that is to be drained. */
export class ConnectionSet {
  private readonly connections = new Set<Tracked>()
  private state: 'open' | 'draining' = 'open'
  private readonly waiting = new Set<() => void>()

  add(connection: Tracked): void {
    this.connections.add(connection)
    if (this.state === 'draining') connection.drain()
  }

  remove(connection: Tracked): void {
    this.connections.delete(connection)
    if (this.connections.size > 0) return
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }

  /** Resolves when all are gone, at the latest after `graceMs` and their closing. */
  async drain(graceMs: number): Promise<void> {
    this.state = 'draining'
    for (const connection of this.connections) connection.drain()
    if (this.connections.size === 0) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(() => {
        for (const connection of this.connections) connection.close()
      }, graceMs)
      this.waiting.add(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }
}

/** Open connections of one listener. */
const MAX_CONNECTIONS = 20_000
/** After so much silence peers are probed: one that ended its side may wait for an answer, or be gone. */
const KEEP_ALIVE_MS = 10_000

/**
 * Listens, and hands each socket to `accept`. A connection beyond `maxConnections` open ones is closed, and told to
 * `refused`. Rejects when the address cannot be bound.
 */
export async function listen(
  { host, port }: SocketAddress,
  connections: ConnectionSet,
  {
    accept,
    refused,
    maxConnections = MAX_CONNECTIONS,
  }: { accept: (socket: net.Socket) => void; refused: () => void; maxConnections?: number },
): Promise<Listener> {
  const server = net.createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
    accept,
  )
  server.maxConnections = maxConnections
  server.on('drop', refused)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port }, () => {
      server.off('error', reject)
      resolve()
    })
  })
  // Out of file descriptors, and the like: the connection is lost, the port goes on.
  server.on('error', () => {})
  const bound = server.address()
  const address = typeof bound === 'object' && bound !== null ? { host, port: bound.port } : { host, port }
  let ending: Promise<void> | null = null
  const drain = (graceMs: number): Promise<void> => {
    ending ??= (async () => {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      await connections.drain(graceMs)
      await closed
    })()
    return ending
  }
  return {
    address,
    drain,
    close: async () => {
      await (ending === null ? drain(0) : connections.drain(0))
    },
  }
}
