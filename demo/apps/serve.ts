import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server } from 'node:http2'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import type { Serve } from './app.ts'

function serverOf(serve: Serve): Server {
  switch (serve.protocol) {
    case 'http/1': {
      const server = createHttpServer({ keepAliveTimeout: 60_000 }, serve.handle)
      if (serve.upgrade) server.on('upgrade', serve.upgrade)
      return server
    }
    case 'http/2':
      return createHttp2Server(serve.handle)
    case 'tcp':
      return createTcpServer(serve.handle)
  }
}

/** Serves an app at an address; what it gives closes that, with all connections. Throws when the address is taken. */
export async function serveApp(serve: Serve, host: string, port: number): Promise<() => void> {
  const server = serverOf(serve)
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    // A client that goes away is nothing to report.
    socket.on('error', () => {})
  })
  await new Promise<void>((done, fail) => {
    server.once('error', error => {
      const where = `Cannot serve the sample apps on ${host}:${port}`
      fail(new Error(`${where}: ${error.message}; does another demo run?`, { cause: error }))
    })
    server.listen(port, host, done)
  })
  return () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
}
