import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import { reset } from './reset.ts'

/** Bytes going both ways between two sockets. */
export interface Relay {
  close(): void
}

/** Whether a client's first bytes may pass; `null`: they are too few to tell. Must tell within some KiB. */
export type Admit = (bytes: Buffer) => boolean | null

interface Side {
  readonly socket: Socket
  readonly metrics: TransportMetrics
}

/**
 * Passes bytes between a client and a server until both have ended; each side's end is passed on by itself, and
 * a reset on one side resets the other. Counts bytes and closings on both. `ended` is called once. With `admit`,
 * what the client sends before the server's first byte is held until it may pass; else both are closed, after
 * `refused`, as they are at a chunk that may not pass.
 */
export function relay(
  client: Side & {
    readonly first: Buffer
    readonly admit: Admit | null
    /** Whether a further chunk may pass, asked of each; `null`: every one may. */
    readonly mayPass: ((chunk: Buffer) => boolean) | null
    refused(): void
  },
  server: Side,
  ended: () => void,
): Relay {
  let open = 2
  let state: 'flowing' | 'over' = 'flowing'
  let { admit } = client
  let held: Buffer[] = []
  const close = () => {
    state = 'over'
    held = []
    reset(client.socket)
    reset(server.socket)
  }
  const pass = (chunk: Buffer, from: Side, to: Side) => {
    to.metrics.wrote(chunk.length)
    if (to.socket.writable && !to.socket.write(chunk)) from.socket.pause()
  }
  const release = () => {
    admit = null
    for (const chunk of held) pass(chunk, client, server)
    held = []
  }
  const judge = (judged: Admit, chunk: Buffer) => {
    held.push(chunk)
    const mayPass = judged(held.length === 1 ? chunk : Buffer.concat(held))
    if (mayPass === true) release()
    else if (mayPass === false) refuse()
  }
  const refuse = () => {
    client.refused()
    close()
  }
  const side = (from: Side, to: Side) => {
    const { metrics, socket } = from
    let errno = ''
    socket.on('data', (chunk: Buffer) => {
      metrics.read(chunk.length)
      if (state === 'over') return
      if (from === client && client.mayPass?.(chunk) === false) refuse()
      else if (admit === null) pass(chunk, from, to)
      else if (from === client) judge(admit, chunk)
      else {
        release()
        pass(chunk, from, to)
      }
    })
    socket.on('drain', () => to.socket.resume())
    socket.on('end', () => {
      if (state === 'over') return
      if (from === client) release()
      to.socket.end()
    })
    socket.on('error', error => {
      errno = (error as NodeJS.ErrnoException).code ?? 'unknown'
      close()
    })
    socket.on('close', () => {
      metrics.closed(errno)
      to.socket.end()
      if (--open === 0) ended()
    })
  }
  side(client, server)
  side(server, client)
  if (client.first.length > 0) {
    client.metrics.read(client.first.length)
    pass(client.first, client, server)
  }
  // An end can be told while nobody listens yet, even to a paused socket.
  if (client.socket.readableEnded) server.socket.end()
  client.socket.resume()
  server.socket.resume()
  return { close }
}
