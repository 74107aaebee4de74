import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import { scrapeTargetsPath } from '#lib/api/sd.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { Golden } from '#server/golden/golden.ts'
import type { Log } from '#server/log.ts'
import { answerQuestion, topicAt } from './api.ts'
import { type Commands, commandAt, takeCommand } from './commands.ts'
import type { Doors } from './doors.ts'
import { openApiDocument } from './openapi.ts'
import type { PageHandler } from './pages.ts'
import { prefixOf } from './prefix.ts'
import { sendError, sendJson, sendText } from './respond.ts'
import { securityHeaders } from './security-headers.ts'
import { scrapeTargets } from './service-discovery.ts'

export interface HttpOptions {
  readonly golden: Golden
  readonly commands: Commands
  readonly doors: Doors
  readonly registry: Registry
  /** The path prefix under which people see the server, unless a proxy names one; empty for none. */
  readonly basePath: string
  readonly log: Log
  readonly version: string
  /** The mesh whose proxies Prometheus may ask for. */
  readonly mesh: () => MeshState
  /** Why the server cannot serve yet; empty when it can. */
  readonly unready: () => readonly string[]
  /** Everything that is not the API; `null`: nothing is. */
  readonly pages: PageHandler | null
}

/** The HTTP face of the server: API, health, its own metrics, and the pages. Not yet listening. */
export function createHttp(options: HttpOptions): Server {
  const openApi = openApiDocument(options.version)
  const server = createServer({ maxHeaderSize: 16_384 }, (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
    handle(options, openApi, request, response).catch((error: unknown) => {
      options.log.error('request failed', { url: request.url, error: String(error) })
      if (response.headersSent) response.destroy()
      else {
        const failure = { code: 'INTERNAL', message: 'The server failed', hint: 'Its log says why' } as const
        sendError(request, response, failure).catch(() => response.destroy())
      }
    })
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 15_000
  server.keepAliveTimeout = 65_000
  server.maxConnections = 4_096
  return server
}

async function handle(
  options: HttpOptions,
  openApi: Readonly<Record<string, unknown>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { commands, doors, golden, log, pages, registry } = options
  const refusal = doors.checkHost(request)
  if (refusal) return sendError(request, response, refusal)
  const prefix = prefixOf(request, options.basePath)
  if (prefix === null) {
    return sendError(request, response, {
      code: 'PREFIX_INVALID',
      message: `Refused X-Forwarded-Prefix ${JSON.stringify(request.headers['x-forwarded-prefix'])}: expected a path such as /mesh`,
      hint: 'Let the proxy in front send the path that it removes, or none and start the server with --base-path',
    })
  }
  const url = parseUrl(request.url)
  const path = url?.pathname ?? ''
  if (!isDecodable(path)) {
    return sendError(request, response, {
      code: 'BAD_PATH',
      message: `Cannot read the path ${path}: expected UTF-8 in percent encoding`,
      hint: 'Encode each part of the path as encodeURIComponent does',
    })
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const foreign = doors.checkOrigin(request.headers)
    if (foreign) return sendError(request, response, foreign)
    const command = commandAt(path)
    if (command && request.method === 'POST') return takeCommand(commands[command], request, response)
    const allowed = command ? 'GET, HEAD, POST' : 'GET, HEAD'
    response.setHeader('allow', allowed)
    return sendError(request, response, {
      code: 'METHOD_NOT_ALLOWED',
      message: `Cannot ${request.method} ${request.url}: expected ${allowed}`,
      hint: 'Ask with GET',
    })
  }
  const topic = topicAt(path)
  if (url && topic) return answerQuestion(golden, log, topic, url.searchParams, request, response)
  switch (path) {
    case '/api/v1/openapi.json':
      return sendJson(request, response, 200, { ...openApi, servers: [{ url: prefix || '/' }] })
    case scrapeTargetsPath:
      return sendJson(request, response, 200, scrapeTargets(options.mesh()))
    case '/healthz':
      return sendJson(request, response, 200, { status: 'ok' })
    case '/readyz': {
      const reasons = options.unready()
      const status = reasons.length === 0 ? 'ready' : 'not ready'
      return sendJson(request, response, reasons.length === 0 ? 200 : 503, { status, reasons })
    }
    case '/metrics':
      return sendText(request, response, 200, registry.contentType, await registry.metrics())
  }
  if (url && pages && !/^\/+(api|socket\.io)(\/|$)/.test(path)) return pages(request, response, prefix)
  return sendError(request, response, {
    code: 'NOT_FOUND',
    message: `Nothing is at ${request.url}`,
    hint: 'The API is described at /api/v1/openapi.json',
  })
}

function parseUrl(target: string | undefined): URL | null {
  try {
    // A path that begins with two slashes would be read as a host.
    return new URL(target?.startsWith('/') ? `http://server${target}` : (target ?? ''), 'http://server')
  } catch {
    return null
  }
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/**
 * Listens, and says on which port. A taken port that was asked for throws an error for people; else the next of twenty
 * free ones is used.
 */
export async function listen(
  server: Server,
  address: string,
  port: number,
  isAsked: boolean,
): Promise<number> {
  const lastPort = isAsked || port === 0 ? port : Math.min(port + 20, 65_535)
  for (let candidate = port; ; candidate++) {
    try {
      server.listen(candidate, address)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    } catch (cause) {
      const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
      if (isTaken && candidate < lastPort) continue
      const reason = isTaken ? 'it is taken' : String(cause)
      const which = isTaken && lastPort > port ? `any of ${port}-${lastPort}` : `${candidate}`
      throw new Error(`Cannot listen on port ${which} of ${address}: ${reason}`, { cause })
    }
  }
}

/** Stops listening, lets what is under way end for a second, then cuts it. */
export async function closeHttp(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), 1_000)
  await closed
  clearTimeout(timer)
}
