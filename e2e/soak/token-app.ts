import { createHash } from 'node:crypto'
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import http2 from 'node:http2'
import { createServer, type Socket } from 'node:net'
import { appHost } from '#demo/launch/apps.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'

/** Answers with the token of the request: at once, in pieces, with a digest of its body, or without an end. */
function answer(
  { body, path, token }: { body: NodeJS.ReadableStream; path: string; token: string },
  reply: { end(text?: string): void; write(text: string): void },
): void {
  const digest = createHash('sha256')
  body.on('data', chunk => digest.update(chunk))
  body.on('end', () => {
    switch (path) {
      case '/sum':
        reply.end(`${token} ${digest.digest('hex')}`)
        return
      case '/pieces':
        for (const character of token) reply.write(character)
        reply.end()
        return
      case '/endless':
        reply.write(token)
        return
      default:
        reply.end(token)
    }
  })
}

const answerHttp1: RequestListener = (incoming, response) => {
  const token = String(incoming.headers['x-token'])
  answer({ body: incoming, path: incoming.url ?? '', token }, response)
}

function answerHttp2(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders): void {
  // Clients leave.
  stream.on('error', () => {})
  if (headers['content-type'] === 'application/grpc') {
    stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.pipe(stream)
    return
  }
  const path = String(headers[':path'])
  stream.respond({ ':status': 200 })
  answer({ body: stream, path, token: String(headers['x-token']) }, stream)
}

/** Serves an instance's app port: HTTP/1, HTTP/2 and gRPC with tokens, and gives other bytes back as they come. */
export async function serveTokens(instance: Instance): Promise<{ close(): void }> {
  const http1Server = http.createServer({ keepAliveTimeout: 60_000 }, answerHttp1)
  const http2Server = http2.createServer()
  http2Server.on('stream', answerHttp2)
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, socket => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.once('readable', () => {
      const first = socket.read()
      if (first === null) {
        socket.destroy()
        return
      }
      const text = String(first)
      socket.unshift(first)
      if (text.startsWith('\x01')) socket.pipe(socket)
      else if (text.startsWith('PRI ')) http2Server.emit('connection', socket)
      else http1Server.emit('connection', socket)
    })
  })
  server.listen(8080, appHost(instance.ip))
  await once(server, 'listening')
  return {
    close: () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}
