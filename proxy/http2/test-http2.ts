import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import http2 from 'node:http2'
import type net from 'node:net'
import type { Cleanup } from '#proxy/accept/test-sockets.ts'

type Handler = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void

/** An HTTP/2 app of Node's own on a free port of 127.0.0.1, by prior knowledge. */
export async function startHttp2App(cleanup: Cleanup, handler: Handler, options: http2.ServerOptions = {}) {
  const sessions = new Set<http2.ServerHttp2Session>()
  const sockets = new Set<net.Socket>()
  const seen = { sessions: 0, sockets }
  const server = http2.createServer(options)
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.on('session', session => {
    seen.sessions++
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => sessions.delete(session))
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => {})
    handler(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup.add(server, () => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The app listens on no port')
  return { port: address.port, seen }
}

/** A client's connection by prior knowledge. */
export function connectHttp2(cleanup: Cleanup, { host, port }: { host: string; port: number }) {
  const session = http2.connect(`http://${host}:${port}`)
  session.on('error', () => {})
  cleanup.add(session, () => session.destroy())
  return session
}

/** What came back for one request. */
interface Answer {
  readonly status: number
  readonly headers: http2.IncomingHttpHeaders
  readonly trailers: http2.IncomingHttpHeaders
  readonly body: string
  /** The code that the stream was closed with; 0 when it ended well. */
  readonly code: number
}

/** Sends a request, `catalog` being its authority, and waits until its stream is closed. */
export async function ask(
  session: http2.ClientHttp2Session,
  headers: http2.OutgoingHttpHeaders = {},
  body = '',
): Promise<Answer> {
  const stream = session.request(
    { ':path': '/', ':authority': 'catalog', ':method': body === '' ? 'GET' : 'POST', ...headers },
    { endStream: body === '' },
  )
  if (body !== '') stream.end(body)
  return answerOf(stream)
}

export async function answerOf(stream: http2.ClientHttp2Stream): Promise<Answer> {
  const chunks: Buffer[] = []
  let headers: http2.IncomingHttpHeaders & http2.IncomingHttpStatusHeader = {}
  let trailers: http2.IncomingHttpHeaders = {}
  stream.on('response', got => {
    headers = got
  })
  stream.on('trailers', got => {
    trailers = got
  })
  stream.on('error', () => {})
  stream.on('data', chunk => chunks.push(chunk as Buffer))
  if (!stream.destroyed) await new Promise(resolve => stream.once('close', resolve))
  return {
    status: headers[':status'] ?? 0,
    headers,
    trailers,
    body: Buffer.concat(chunks).toString(),
    code: stream.rstCode,
  }
}
