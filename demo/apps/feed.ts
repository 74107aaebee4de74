import { connect } from 'node:net'
import WebSocket, { WebSocketServer } from 'ws'
import type { Serve } from './app.ts'
import type { AppPlace } from './order.ts'

const periodMs = 1_000
const readers = 2
const readForMs = 20_000
const retryMs = 1_000

/** What web tells all who read its feed, a WebSocket at `/feed`: once a second, what `news` gives. */
export class Feed {
  readonly #server = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  readonly #timer: NodeJS.Timeout

  constructor(news: () => unknown) {
    this.#timer = setInterval(() => {
      const text = JSON.stringify(news())
      for (const client of this.#server.clients) client.send(text)
    }, periodMs).unref()
  }

  readonly upgrade: NonNullable<Extract<Serve, { protocol: 'http/1' }>['upgrade']> = (
    request,
    socket,
    head,
  ) => {
    if (request.url !== '/feed') return void socket.end('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
    this.#server.handleUpgrade(request, socket, head, client => client.on('error', () => {}))
  }

  close(): void {
    clearInterval(this.#timer)
    for (const client of this.#server.clients) client.terminate()
    this.#server.close()
  }
}

/** Reads the feed of web through the app's proxy, some readers for a while each; the function it returns ends that. */
export function readFeed({ outbound }: AppPlace): () => void {
  if (outbound === null) return () => {}
  const open = new Set<WebSocket>()
  const timers = new Set<NodeJS.Timeout>()
  const later = (act: () => void, afterMs: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      act()
    }, afterMs)
    timers.add(timer)
  }
  const read = () => {
    const socket = new WebSocket('ws://web/feed', {
      createConnection: () => connect(outbound.port, outbound.host),
      perMessageDeflate: false,
    })
    open.add(socket)
    socket.on('error', () => {})
    socket.on('open', () => later(() => socket.close(), readForMs * (0.5 + Math.random())))
    socket.on('close', () => {
      if (open.delete(socket)) later(read, retryMs)
    })
  }
  for (let reader = 0; reader < readers; reader++) read()
  return () => {
    for (const timer of timers) clearTimeout(timer)
    const all = [...open]
    open.clear()
    for (const socket of all) socket.terminate()
  }
}
