import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { startPair } from './test-pair.ts'
import { output, startProgram, testWith } from './test-programs.ts'
import { Cleanup, RawClient, until } from './test-sockets.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const hash = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')

/** A file of `sizeBytes` that is gone with the test. */
function temporaryFile(sizeBytes: number): { path: string; body: Buffer } {
  const folder = mkdtempSync(join(tmpdir(), 'meshscope-body-'))
  cleanup.add(folder, () => rmSync(folder, { recursive: true, force: true }))
  const body = Buffer.alloc(sizeBytes, 'meshscope ')
  writeFileSync(join(folder, 'body'), body)
  return { path: join(folder, 'body'), body }
}

const counted = (metrics: string, family: string): number =>
  [...metrics.matchAll(new RegExp(`^${family}\\{.*\\} (\\d+)$`, 'gm'))].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  )
const requestsCounted = (metrics: string): number => counted(metrics, 'request_total')

describe('WebSockets of the ws package', () => {
  test('carry messages of every size both ways, and their close', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    await once(server, 'listening')
    cleanup.add(server, () => server.close())
    server.on('connection', (socket, request) => {
      socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }))
      socket.on('close', code => closes.push(code))
      socket.send(`welcome to ${request.url} for ${String(request.headers['l5d-client-id'])}`)
    })
    const closes: number[] = []
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('The server listens on no port')
    const { metrics, outbound } = await startPair(cleanup, address.port)
    const client = new WebSocket('ws://catalog/feed?x=1', {
      createConnection: () => net.connect(outbound.address),
    })
    cleanup.add(client, () => client.terminate())
    const messages: Buffer[] = []
    client.on('message', message => messages.push(Buffer.from(message as Buffer)))
    await once(client, 'open')
    await until(() => messages.length === 1, 'the first message')
    expect(String(messages[0])).toMatch(/^welcome to \/feed\?x=1 for web\.shop/)
    const sizes = [0, 1, 125, 126, 65_535, 65_536, 3_000_000]
    for (const size of sizes) client.send(Buffer.alloc(size, 'x'))
    await until(() => messages.length === sizes.length + 1, 'the echoes')
    expect(messages.slice(1).map(message => message.length)).toEqual(sizes)
    client.ping('are you there')
    const [pong] = await once(client, 'pong')
    expect(String(pong)).toBe('are you there')
    client.close(4001, 'enough')
    await until(() => closes.length === 1, 'the close at the server')
    expect(closes).toEqual([4001])
    await until(() => /^response_total\{.*status_code="101"/m.test(metrics.outbound()), 'the count')
    expect(requestsCounted(metrics.inbound())).toBe(1)
  })

  test('that the server refuses stay HTTP', async () => {
    const { outbound } = await startPair(cleanup, (_, response) => {
      response.statusCode = 426
      response.end('no sockets here')
    })
    const client = new WebSocket('ws://catalog/', { createConnection: () => net.connect(outbound.address) })
    const [error]: Error[] = await once(client, 'error')
    expect(error?.message).toBe('Unexpected server response: 426')
  })
})

describe("a server of Node's", () => {
  test('may refuse an expectation before the body, which is then not sent', async () => {
    const server = http.createServer()
    server.on('checkContinue', (_, response) => {
      response.writeHead(417, { connection: 'close' })
      response.end('not that')
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanup.add(server, () => server.close())
    const address = server.address()
    if (typeof address !== 'object' || address === null) throw new Error('The server listens on no port')
    const { outbound } = await startPair(cleanup, address.port)
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('PUT / HTTP/1.1\r\nHost: catalog\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n')
    await client.receives('not that')
    expect(client.received).toMatch(/^HTTP\/1\.1 417 /)
    expect(client.received).not.toContain('100 Continue')
  })

  test('may send early hints before its answer, also pipelined', async () => {
    const { outbound } = await startPair(cleanup, (request, response) => {
      response.writeEarlyHints({ link: `<${request.url}.css>; rel=preload` })
      response.end(`[${request.url}]`)
    })
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send(['/a', '/b'].map(path => `GET ${path} HTTP/1.1\r\nHost: catalog\r\n\r\n`).join(''))
    await client.receives('[/b]')
    const order = client.received.match(/HTTP\/1\.1 \d+|\[\/.\]|<\/.\.css>/g)
    expect(order).toEqual([
      'HTTP/1.1 103',
      '</a.css>',
      'HTTP/1.1 200',
      '[/a]',
      'HTTP/1.1 103',
      '</b.css>',
      'HTTP/1.1 200',
      '[/b]',
    ])
    // Each is a response of its own, and not the body of the one before.
    expect(client.received).not.toMatch(/chunked/i)
  })
})

describe('curl', () => {
  testWith(
    ['curl'],
    'posts with an expectation, in chunks, in HTTP/1.0, by absolute form and through a tunnel',
    async () => {
      const { outbound } = await startPair(cleanup, (request, response) => {
        const seen = createHash('sha256')
        request.on('data', chunk => seen.update(chunk))
        request.on('end', () => {
          response.end(`${request.method} ${seen.digest('hex')}`)
        })
      })
      const { path, body } = temporaryFile(2_500_000)
      const proxy = `${outbound.address.host}:${outbound.address.port}`
      const post = ['-s', '-H', 'Host: catalog', '--data-binary', `@${path}`, `http://${proxy}/`]
      const expected = `POST ${hash(body)}`
      expect(await output('curl', '-H', 'Expect: 100-continue', ...post)).toBe(expected)
      expect(await output('curl', '-H', 'Transfer-Encoding: chunked', ...post)).toBe(expected)
      expect(await output('curl', '--http1.0', ...post)).toBe(expected)
      const through = ['-s', '-x', `http://${proxy}`, '--data-binary', `@${path}`, 'http://catalog/']
      expect(await output('curl', ...through)).toBe(expected)
      expect(await output('curl', '-p', ...through)).toBe(expected)
      const heads = await output(
        'curl',
        '-s',
        '-I',
        '-x',
        `http://${proxy}`,
        'http://catalog/',
        'http://catalog/',
      )
      expect(heads.match(/^HTTP\/1\.1 200 OK/gm)).toHaveLength(2)
    },
  )
})

describe('nginx', () => {
  testWith(
    ['nginx', 'wrk', 'curl'],
    'is served whole and in ranges, and each request of wrk is counted once',
    async () => {
      const { path, body } = temporaryFile(1_500_000)
      const port = await startProgram(cleanup, 'nginx', (listening, folder) => ({
        args: ['-p', folder, '-c', 'config', '-e', 'error.log', '-g', 'daemon off;'],
        config: `pid nginx.pid; master_process off; worker_processes 1; events { worker_connections 512; }
        http {
          client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
          access_log access.log; keepalive_requests 100;
          server { listen 127.0.0.1:${listening}; location = /body { alias ${path}; } location / { return 200 ok; } }
        }`,
      }))
      const { metrics, outbound } = await startPair(cleanup, port)
      const origin = `http://${outbound.address.host}:${outbound.address.port}`
      const curl = (...args: string[]) => output('curl', '-s', '-H', 'Host: catalog', ...args)
      expect(hash(await curl(`${origin}/body`))).toBe(hash(body))
      expect(await curl('-r', '10-19', `${origin}/body`)).toBe('meshscope ')
      expect(await curl('-o', '/dev/null', '-w', '%{http_code}', '-r', '99999999-', `${origin}/body`)).toBe(
        '416',
      )
      const before = requestsCounted(metrics.outbound())
      const report = await output('wrk', '-t1', '-c16', '-d1s', '-H', 'Host: catalog', `${origin}/`)
      expect(report).not.toMatch(/Non-2xx|Socket errors/)
      const answered = Number(/(\d+) requests in/.exec(report)?.[1])
      expect(answered).toBeGreaterThan(0)
      // At its end wrk leaves the requests that are under way, one a connection at most.
      const counts = () =>
        [metrics.inbound(), metrics.outbound()].flatMap(side => [
          requestsCounted(side),
          counted(side, 'response_total'),
        ])
      await until(() => new Set(counts()).size === 1, 'all counts to be the same')
      const asked = requestsCounted(metrics.outbound()) - before
      expect(asked).toBeGreaterThanOrEqual(answered)
      expect(asked).toBeLessThanOrEqual(answered + 16)
    },
  )
})

describe('haproxy', () => {
  testWith(['haproxy', 'curl'], 'may be the client and the server, with connections kept alive', async () => {
    const app = http
      .createServer((request, response) => response.end(`<${request.url}>`))
      .listen(0, '127.0.0.1')
    await once(app, 'listening')
    cleanup.add(app, () => app.close())
    const address = app.address()
    if (typeof address !== 'object' || address === null) throw new Error('The app listens on no port')
    const haproxy = (server: string) =>
      startProgram(cleanup, 'haproxy', listening => ({
        args: ['-f', 'config'],
        config: `defaults
  mode http
  timeout connect 5s
  timeout client 10s
  timeout server 10s
listen relay
  bind 127.0.0.1:${listening}
  http-request set-header Host catalog
  server next ${server}
`,
      }))
    const { outbound } = await startPair(cleanup, await haproxy(`127.0.0.1:${address.port}`))
    const front = await haproxy(`${outbound.address.host}:${outbound.address.port}`)
    const urls = Array.from({ length: 20 }, (_, i) => `http://127.0.0.1:${front}/${i}`)
    expect(await output('curl', '-s', ...urls)).toBe(urls.map((_, i) => `</${i}>`).join(''))
  })
})
