import { Buffer } from 'node:buffer'
import { type Agent, type ClientRequest, get, type IncomingMessage } from 'node:http'
import { createGunzip } from 'node:zlib'
import { ScrapeError } from './scrape-error.ts'

export interface ScrapeOptions {
  readonly agent: Agent
  /** For the whole of it: connecting, waiting and reading. */
  readonly timeoutMs: number
  /** Of the body, decompressed. */
  readonly maxBodyBytes: number
  readonly signal: AbortSignal
}

/** The body that a proxy's `/metrics` answers with, decompressed. Rejects with a ScrapeError. */
export async function scrape(url: string, options: ScrapeOptions): Promise<Buffer> {
  try {
    return await scrapeOnce(url, options)
  } catch (error) {
    // The proxy may close an idle connection just when it is used again; that says nothing of the proxy.
    if (error instanceof ScrapeError && error.code === 'SCRAPE_STALE_CONNECTION')
      return scrapeOnce(url, options)
    throw error
  }
}

function scrapeOnce(url: string, options: ScrapeOptions): Promise<Buffer> {
  const { agent, timeoutMs, maxBodyBytes, signal } = options
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: requestHeaders(url) })
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
    }
    const fail = (error: ScrapeError) => {
      end()
      request.destroy()
      reject(error)
    }
    const done = (body: Buffer) => {
      end()
      resolve(body)
    }
    const timer = setTimeout(() => {
      fail(new ScrapeError('SCRAPE_TIMEOUT', url, `no whole answer within ${timeoutMs} ms`))
    }, timeoutMs)
    const onAbort = () => fail(new ScrapeError('SCRAPE_STOPPED', url, 'the collector stops'))
    signal.addEventListener('abort', onAbort, { once: true })
    request.on('error', cause => fail(connectionError(url, request, cause)))
    request.on('response', response => readBody(url, response, maxBodyBytes, { done, fail }))
  })
}

/** On one machine compressing costs more than it saves. */
function requestHeaders(url: string): Record<string, string> {
  const { hostname } = new URL(url)
  const isLoopback = hostname.startsWith('127.') || hostname === '[::1]'
  return { accept: 'text/plain', 'accept-encoding': isLoopback ? 'identity' : 'gzip' }
}

/** Takes how it ended; only the first call counts. */
interface Ending {
  readonly done: (body: Buffer) => void
  readonly fail: (error: ScrapeError) => void
}

function readBody(
  url: string,
  response: IncomingMessage,
  maxBodyBytes: number,
  { done, fail }: Ending,
): void {
  if (response.statusCode !== 200) {
    fail(new ScrapeError('SCRAPE_STATUS', url, `expected status 200, got ${response.statusCode}`))
    return
  }
  const encoding = response.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'gzip' && encoding !== 'identity') {
    fail(new ScrapeError('SCRAPE_ENCODING', url, `expected gzip or no compression, got ${encoding}`))
    return
  }
  const chunks: Buffer[] = []
  let sizeBytes = 0
  const cutOff = () =>
    fail(new ScrapeError('SCRAPE_CUT_OFF', url, `the answer broke off after ${sizeBytes} bytes`))
  const body = encoding === 'gzip' ? response.pipe(createGunzip()) : response
  body.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length
    chunks.push(chunk)
    if (sizeBytes > maxBodyBytes) {
      fail(new ScrapeError('SCRAPE_TOO_LARGE', url, `expected at most ${maxBodyBytes} bytes, got more`))
    }
  })
  body.on('end', () => (response.complete ? done(Buffer.concat(chunks, sizeBytes)) : cutOff()))
  body.on('error', cutOff)
  response.on('aborted', cutOff)
}

function connectionError(url: string, request: ClientRequest, cause: Error): ScrapeError {
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const isBroken = code === 'ECONNRESET' || code === 'EPIPE'
  if (isBroken && request.reusedSocket) {
    return new ScrapeError('SCRAPE_STALE_CONNECTION', url, 'the kept connection was closed', cause)
  }
  const reasons: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'the connection was reset',
    EHOSTUNREACH: 'no route to the host',
    ENETUNREACH: 'no route to the network',
  }
  return new ScrapeError('SCRAPE_UNREACHABLE', url, reasons[code] ?? cause.message, cause)
}
