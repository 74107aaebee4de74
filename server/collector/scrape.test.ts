import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { BodyBuffers } from './body-buffers.ts'
import { scrape } from './scrape.ts'
import { ScrapeConnection, type ScrapeOptions } from './scrape-connection.ts'
import type { ScrapeError } from './scrape-error.ts'

const buffers = new BodyBuffers()
const connections = new Map<string, ScrapeConnection>()
const closers: (() => void)[] = []
afterEach(() => {
  for (const connection of connections.values()) connection.close()
  connections.clear()
  for (const close of closers.splice(0)) close()
})

/** Starts a TCP or HTTP server, which is a TCP server too; stops it after the test. */
function listening(server: TcpServer, stop = () => {}): Promise<string> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      closers.push(() => {
        server.close()
        stop()
      })
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)
    })
  })
}

function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  return listening(server, () => server.closeAllConnections())
}
/** Answers each connection with these bytes as they are, and then ends it, unless it is to hang. */
const serveRaw = (bytes: string, isEnded: boolean) =>
  listening(
    createTcpServer(socket => {
      socket.on('error', () => socket.destroy())
      socket.on('data', () => {
        socket.write(bytes)
        if (isEnded) socket.end()
      })
      closers.push(() => socket.destroy())
    }),
  )

function options(changed: Partial<ScrapeOptions> = {}): ScrapeOptions {
  return {
    timeoutMs: 10_000,
    maxBodyBytes: 64 * 1_024 * 1_024,
    maxSeries: 100_000,
    signal: new AbortController().signal,
    ...changed,
  }
}

/** The body that the address gives now, over the connection that was kept. */
async function bodyOf(url: string, changed: Partial<ScrapeOptions> = {}): Promise<string> {
  const connection = connections.get(url) ?? new ScrapeConnection(url, buffers)
  connections.set(url, connection)
  const { body, memory } = await scrape(connection, buffers, options(changed))
  const text = body.toString()
  if (memory !== null) buffers.give(memory)
  return text
}

async function failureOf(url: string, changed: Partial<ScrapeOptions> = {}): Promise<[string, string]> {
  const error = await bodyOf(url, changed).then(
    () => expect.fail('the scrape succeeded'),
    (failure: ScrapeError) => failure,
  )
  return [error.code, error.message.replace(url, 'URL')]
}

test('scrape() gives the body, plain or compressed', async () => {
  const plain = await serve((_, response) => response.end('a 1\n'))
  expect(await bodyOf(plain)).toBe('a 1\n')
  const compressed = await serve((_, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync('b 2\n'))
  })
  expect(await bodyOf(compressed)).toBe('b 2\n')
})

test('scrape() refuses an answer that is none, and says why', async () => {
  const missing = await serve((_, response) => response.writeHead(503).end())
  expect(await failureOf(missing)).toEqual([
    'SCRAPE_STATUS',
    'Cannot scrape URL: expected status 200, got 503',
  ])
  const brotli = await serve((_, response) => response.setHeader('content-encoding', 'br').end('?'))
  expect((await failureOf(brotli))[0]).toBe('SCRAPE_ENCODING')
  const notGzip = await serve((_, response) => response.setHeader('content-encoding', 'gzip').end('plain'))
  expect((await failureOf(notGzip))[0]).toBe('SCRAPE_CUT_OFF')
  const notHttp = await serveRaw('SSH-2.0-OpenSSH\r\n', true)
  expect((await failureOf(notHttp))[0]).toBe('SCRAPE_UNREACHABLE')
})

test('scrape() says that nobody listens, when the port is closed', async () => {
  const server = createServer()
  const url = await listening(server)
  await new Promise(resolve => server.close(resolve))
  expect(await failureOf(url)).toEqual(['SCRAPE_UNREACHABLE', 'Cannot scrape URL: connection refused'])
})

test('scrape() times out, when the body stalls', async () => {
  const url = await serve((_, response) => response.write('a 1\n'))
  expect(await failureOf(url, { timeoutMs: 100 })).toEqual([
    'SCRAPE_TIMEOUT',
    'Cannot scrape URL: no whole answer within 100 ms',
  ])
})

test.each([
  ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\na 1\nb'],
  ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\na 1\nb\r\n'],
])('scrape() fails, when the proxy dies in mid-body with %s', async (_, bytes) => {
  expect(await failureOf(await serveRaw(bytes, true))).toEqual([
    'SCRAPE_CUT_OFF',
    'Cannot scrape URL: the answer broke off after 5 bytes',
  ])
})

test('scrape() refuses a body that is too large, compressed or not', async () => {
  const body = 'x'.repeat(100_000)
  const plain = await serve((_, response) => response.end(body))
  const compressed = await serve((_, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync(body))
  })
  for (const url of [plain, compressed]) {
    expect(await failureOf(url, { maxBodyBytes: 50_000 })).toEqual([
      'SCRAPE_TOO_LARGE',
      'Cannot scrape URL: expected at most 50000 bytes, got more',
    ])
  }
})

test('scrape() stops, when it is aborted', async () => {
  const url = await serve((_, response) => response.write('a 1\n'))
  const abort = new AbortController()
  const failure = failureOf(url, { signal: abort.signal })
  abort.abort()
  expect((await failure)[0]).toBe('SCRAPE_STOPPED')
})

test('scrape() tries again, when a kept connection was closed under it', async () => {
  const server = createTcpServer(socket => {
    let requests = 0
    socket.on('error', () => socket.destroy())
    socket.on('data', () => {
      if (++requests > 1) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\na 1\n')
    })
    closers.push(() => socket.destroy())
  })
  const url = await listening(server)
  expect(await bodyOf(url)).toBe('a 1\n')
  expect(await bodyOf(url)).toBe('a 1\n')
})
