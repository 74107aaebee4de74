import type { Buffer } from 'node:buffer'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'

/** What a test opened, closed in the reverse order. */
export class Cleanup {
  private readonly tasks: (() => unknown)[] = []

  add<T>(value: T, close: (value: T) => unknown): T {
    this.tasks.push(() => close(value))
    return value
  }

  async run(): Promise<void> {
    for (const task of this.tasks.splice(0).reverse()) await task()
  }
}

/** Waits until `condition` holds, looking again each turn of the event loop. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Waited 10 s for ${what}`)
    await new Promise(resolve => setImmediate(resolve))
  }
}

/** Waits until a number has not changed for many turns of the event loop. */
export async function comesToRest(read: () => number): Promise<number> {
  let before = read()
  for (let turns = 0; turns < 300; turns++) {
    await new Promise(resolve => setImmediate(resolve))
    if (read() === before) continue
    before = read()
    turns = 0
  }
  return before
}

/** An HTTP app of Node's own on a free port of 127.0.0.1. */
export async function startApp(cleanup: Cleanup, handler: http.RequestListener): Promise<number> {
  const server = http.createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup.add(server, () => {
    server.closeAllConnections()
    server.close()
  })
  return portOf(server)
}

/** A TCP server on a free port; its sockets stay half-open. */
export async function startTcp(
  cleanup: Cleanup,
  accept: (socket: net.Socket) => void,
  host = '127.0.0.1',
): Promise<number> {
  const sockets = new Set<net.Socket>()
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    accept(socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  cleanup.add(server, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return portOf(server)
}

/** A client that sends raw bytes and keeps all that comes back. */
export class RawClient {
  received = ''
  isEnded = false
  isClosed = false
  /** The cause of a close that was none of the peer's own will: `ECONNRESET`. */
  errno = ''

  constructor(
    cleanup: Cleanup,
    readonly socket: net.Socket,
  ) {
    cleanup.add(socket, () => socket.destroy())
    socket.on('data', chunk => {
      this.received += (chunk as Buffer).toString('latin1')
    })
    socket.on('end', () => {
      this.isEnded = true
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.errno = error.code ?? ''
    })
    socket.on('close', () => {
      this.isClosed = true
    })
  }

  static async connect(
    cleanup: Cleanup,
    { host, port }: { host: string; port: number },
    localAddress?: string,
  ): Promise<RawClient> {
    const socket = net.connect({
      host,
      port,
      allowHalfOpen: true,
      ...(localAddress === undefined ? {} : { localAddress }),
    })
    await once(socket, 'connect')
    return new RawClient(cleanup, socket)
  }

  send(text: string): void {
    this.socket.write(text, 'latin1')
  }

  async receives(text: string): Promise<void> {
    await until(
      () => this.received.includes(text),
      `${JSON.stringify(text)} in ${JSON.stringify(this.received.slice(-500))}`,
    )
  }

  async ends(): Promise<void> {
    await until(
      () => this.isEnded || this.isClosed,
      `the end after ${JSON.stringify(this.received.slice(-500))}`,
    )
  }
}

function portOf(server: net.Server): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server listens on no port')
  return address.port
}
