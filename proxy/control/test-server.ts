import { createServer, type ServerHttp2Session } from 'node:http2'
import type { ConnectRouter } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import type { ControlAddress } from '#proxy/config.ts'

/** A control-plane service for tests, on plaintext HTTP/2. */
export interface TestServer {
  readonly address: ControlAddress
  /** Ends every connection and frees the port. */
  close(): Promise<void>
}

/** Serves the routes on the port, or on any. */
export async function startTestServer(
  routes: (router: ConnectRouter) => void,
  port = 0,
): Promise<TestServer> {
  const server = createServer(connectNodeAdapter({ routes }))
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', session => {
    sessions.add(session)
    session.on('close', () => sessions.delete(session))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('Test server has no port')
  return {
    address: { host: '127.0.0.1', port: bound.port, name: null },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        for (const session of sessions) session.destroy()
      }),
  }
}
