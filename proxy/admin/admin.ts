import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { SocketAddress } from '#proxy/config.ts'
import { environmentAnswer } from './environment-answer.ts'
import { LastScrape } from './last-scrape.ts'

const MAX_CONNECTIONS = 128
const compress = promisify(gzip)

export interface AdminOptions {
  readonly listen: SocketAddress
  /** Why traffic cannot be served; `null`: it can. */
  readonly notReady: () => string | null
  readonly renderMetrics: () => Uint8Array
  readonly environment: Readonly<Record<string, string>>
  /** `null`: the endpoint is not enabled. */
  readonly shutdown: (() => void) | null
  readonly nowMs: () => number
}

/** The proxy's own port, for probes, scrapes and operators. */
export interface Admin {
  readonly address: SocketAddress
  /** Resolves after `/metrics` was read once more, or when nobody did within two scrape intervals. */
  lastScrape(): Promise<void>
  close(): Promise<void>
}

/** Serves `/live`, `/ready`, `/metrics`, `/env.json` and `/shutdown`. Rejects when the address cannot be had. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const lastScrape = new LastScrape(options.nowMs)
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 10_000 }, (request, response) => {
    serve(request, response, options, lastScrape).catch(() => response.destroy())
  })
  server.maxConnections = MAX_CONNECTIONS
  const address = await listen(server, options.listen)
  return {
    address,
    lastScrape: () => lastScrape.next(),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Answer {
  readonly status: number
  readonly body: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

type Handler = (request: IncomingMessage, url: URL, options: AdminOptions) => Answer | Promise<Answer>

interface Route {
  readonly method: 'GET' | 'POST'
  readonly handle: Handler
}

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/live', { method: 'GET', handle: () => ({ status: 200, body: 'live\n' }) }],
  ['/ready', { method: 'GET', handle: (_request, _url, options) => ready(options) }],
  ['/metrics', { method: 'GET', handle: (request, _url, options) => metrics(request, options) }],
  ['/env.json', { method: 'GET', handle: environment }],
  ['/shutdown', { method: 'POST', handle: (request, _url, options) => shutdown(request, options) }],
])

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: AdminOptions,
  lastScrape: LastScrape,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://admin')
  const { status, body, headers } = await answer(request, url, options)
  if (status === 200 && url.pathname === '/metrics') response.on('finish', () => lastScrape.answered())
  if (status === 200 && url.pathname === '/shutdown') response.on('finish', () => options.shutdown?.())
  response.writeHead(status, {
    'content-type': 'text/plain',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(body)
}

function answer(request: IncomingMessage, url: URL, options: AdminOptions): Answer | Promise<Answer> {
  const route = ROUTES.get(url.pathname)
  if (route === undefined) return { status: 404, body: 'not found\n' }
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method === route.method) return route.handle(request, url, options)
  return { status: 405, body: 'method not allowed\n', headers: { allow: route.method } }
}

function ready({ notReady }: AdminOptions): Answer {
  const reason = notReady()
  return reason === null ? { status: 200, body: 'ready\n' } : { status: 503, body: `not ready: ${reason}\n` }
}

async function metrics(request: IncomingMessage, { renderMetrics }: AdminOptions): Promise<Answer> {
  const body = renderMetrics()
  const vary = { vary: 'accept-encoding' }
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    return { status: 200, body, headers: vary }
  }
  const packed = await compress(body, { level: 1 })
  return { status: 200, body: packed, headers: { ...vary, 'content-encoding': 'gzip' } }
}

function environment(request: IncomingMessage, url: URL, options: AdminOptions): Answer {
  const { status, body } = environmentAnswer(options.environment, url.search, request.headers.accept)
  return { status, body, headers: { 'content-type': status === 200 ? 'application/json' : 'text/plain' } }
}

function shutdown(request: IncomingMessage, options: AdminOptions): Answer {
  if (!isFromHere(request)) return { status: 403, body: 'Requests are only permitted from localhost.\n' }
  if (options.shutdown === null) return { status: 404, body: 'shutdown endpoint is not enabled\n' }
  return { status: 200, body: 'shutdown\n' }
}

/** Neighbours on one machine have loopback addresses of their own: only this instance's count. */
function isFromHere({ socket }: IncomingMessage): boolean {
  const ip = socket.remoteAddress?.replace(/^::ffff:/, '')
  return ip === '127.0.0.1' || ip === '::1' || ip === socket.localAddress?.replace(/^::ffff:/, '')
}

function listen(server: Server, { host, port }: SocketAddress): Promise<SocketAddress> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const bound = server.address()
      resolve({ host, port: typeof bound === 'object' && bound !== null ? bound.port : port })
    })
  })
}
