import { once } from 'node:events'
import http2 from 'node:http2'
import { afterEach, describe, expect, test } from 'vitest'
import { AUTHORITY, startPair, WEB } from '#proxy/accept/test-pair.ts'
import { Cleanup, comesToRest, until } from '#proxy/accept/test-sockets.ts'
import { answerOf, ask, connectHttp2, startHttp2App } from './test-http2.ts'

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_REFUSED_STREAM } = http2.constants

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

type Handler = Parameters<typeof startHttp2App>[1]

/** A client's session with a pair of proxies in front of an HTTP/2 app. */
async function start(handler: Handler, options: http2.ServerOptions = {}) {
  const app = await startHttp2App(cleanup, handler, options)
  const pair = await startPair(cleanup, app.port)
  return { ...pair, app, client: connectHttp2(cleanup, pair.outbound.address) }
}

describe('a pair of proxies carries HTTP/2', () => {
  test('with bodies, repeated fields and trailers both ways, and counts it', async () => {
    const seen: { headers?: http2.IncomingHttpHeaders; trailers?: http2.IncomingHttpHeaders } = {}
    const { client, metrics } = await start((stream, headers) => {
      seen.headers = headers
      stream.on('trailers', trailers => {
        seen.trailers = trailers
      })
      stream.respond({ ':status': 200, 'set-cookie': ['a=1', 'b=2'] }, { waitForTrailers: true })
      stream.on('wantTrailers', () => stream.sendTrailers({ 'x-sum': '42' }))
      stream.pipe(stream)
    })
    const stream = client.request(
      {
        ':method': 'PUT',
        ':path': '/books?x=1',
        ':authority': 'Catalog',
        cookie: ['a=1', 'b=2'],
        te: 'trailers',
        'l5d-client-id': 'spoofed',
      },
      { waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-count': '7' }))
    const body = 'x'.repeat(300_000)
    stream.end(body)
    const answer = await answerOf(stream)
    expect(answer).toMatchObject({ status: 200, code: 0, trailers: { 'x-sum': '42' } })
    expect(answer.body === body).toBe(true)
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    expect(seen.trailers).toMatchObject({ 'x-count': '7' })
    expect(seen.headers).toMatchObject({
      ':method': 'PUT',
      ':path': '/books?x=1',
      ':authority': 'catalog',
      cookie: 'a=1; b=2',
      te: 'trailers',
      'l5d-client-id': WEB,
    })
    for (const side of [metrics.inbound(), metrics.outbound()]) {
      expect(side).toMatch(/^request_total\{.*tls="true".*\} 1$/m)
      expect(side).toMatch(
        /^response_total\{.*status_code="200",classification="success",grpc_status="",error=""\} 1$/m,
      )
    }
    expect(metrics.inbound()).toMatch(
      /inbound_tcp_transport_header_connections_total\{session_protocol="http\/2"/,
    )
  })

  test('over one connection for many requests at a time, each answered by its own', async () => {
    const { app, client, metrics } = await start((stream, headers) => {
      stream.respond({ ':status': 200 })
      stream.end(String(headers[':path']))
    })
    const paths = Array.from({ length: 200 }, (_, i) => `/${i}`)
    const answers = await Promise.all(paths.map(path => ask(client, { ':path': path })))
    expect(answers.map(answer => answer.body)).toEqual(paths)
    expect(app.seen.sessions).toBeLessThanOrEqual(2)
    expect(metrics.inbound()).toMatch(/^response_total\{.*status_code="200".*\} 200$/m)
  })

  test('without bodies where there are none', async () => {
    const { client } = await start((stream, headers) => {
      const status = Number(String(headers[':path']).slice(1))
      stream.respond({ ':status': status, 'content-length': status === 200 ? 5 : undefined })
      stream.end()
    })
    expect(await ask(client, { ':path': '/204' })).toMatchObject({ status: 204, body: '', code: 0 })
    expect(await ask(client, { ':path': '/304' })).toMatchObject({ status: 304, body: '', code: 0 })
    const head = await ask(client, { ':path': '/200', ':method': 'HEAD' })
    expect(head).toMatchObject({ status: 200, body: '', code: 0, headers: { 'content-length': '5' } })
  })

  test('with informational responses before the answer', async () => {
    const { client } = await start(stream => {
      stream.additionalHeaders({ ':status': 103, link: '</a.css>' })
      stream.respond({ ':status': 200 })
      stream.end('ok')
    })
    const stream = client.request({ ':authority': 'catalog' })
    const hints: unknown[] = []
    stream.on('headers', headers => hints.push(headers[':status'], headers.link))
    expect(await answerOf(stream)).toMatchObject({ status: 200, body: 'ok' })
    expect(hints).toEqual([103, '</a.css>'])
  })

  test('and cancels at the app what the client cancels', async () => {
    let code = -1
    const { client, metrics } = await start(stream => {
      stream.respond({ ':status': 200 })
      stream.write('first')
      stream.on('close', () => {
        code = stream.rstCode
      })
    })
    const stream = client.request({ ':authority': 'catalog' })
    stream.on('error', () => {})
    await once(stream, 'data')
    stream.close(NGHTTP2_CANCEL)
    await until(() => code >= 0, 'the stream at the app to close')
    expect(code).toBe(NGHTTP2_CANCEL)
    expect(metrics.outbound()).toMatch(/^response_total\{.*status_code="200".*error="client closed"\} 1$/m)
  })

  test('and passes resets on, with their code as label', async () => {
    const { client, metrics } = await start((stream, headers) => {
      if (headers[':path'] === '/late') {
        // Else Node ends the stream before it resets it, as if the body were whole.
        stream.respond({ ':status': 200 }, { waitForTrailers: true })
        stream.write('first', () => stream.close(NGHTTP2_ENHANCE_YOUR_CALM))
      } else stream.close(NGHTTP2_ENHANCE_YOUR_CALM)
    })
    const early = await ask(client)
    expect(early).toMatchObject({ status: 0, code: NGHTTP2_ENHANCE_YOUR_CALM })
    const late = await ask(client, { ':path': '/late' })
    expect(late).toMatchObject({ status: 200, code: NGHTTP2_ENHANCE_YOUR_CALM })
    expect(metrics.outbound()).toMatch(
      /^response_total\{.*status_code="502",classification="failure".*error="h2\(ENHANCE_YOUR_CALM\)"\} 1$/m,
    )
    expect(metrics.outbound()).toMatch(
      /^response_total\{.*status_code="200",classification="failure".*error="h2\(ENHANCE_YOUR_CALM\)"\} 1$/m,
    )
  })

  test('and sends again what the app refused', async () => {
    let asked = 0
    const { client, metrics } = await start(stream => {
      if (++asked === 1) {
        stream.close(NGHTTP2_REFUSED_STREAM)
        return
      }
      stream.respond({ ':status': 200 })
      stream.end('ok')
    })
    expect(await ask(client)).toMatchObject({ status: 200, body: 'ok' })
    expect(asked).toBe(2)
    expect(metrics.inbound()).toMatch(/^response_total\{.*\} 1$/m)
  })

  test('and stops an app whose client does not read', async () => {
    let written = 0
    let isStopped = false
    const { client } = await start(stream => {
      stream.respond({ ':status': 200 })
      const chunk = Buffer.alloc(16_384)
      const more = () => {
        while (written < 20_000_000) {
          written += chunk.length
          if (!stream.write(chunk)) {
            isStopped = true
            stream.once('drain', more)
            return
          }
        }
        stream.end()
      }
      more()
    })
    const stream = client.request({ ':authority': 'catalog' })
    await once(stream, 'response')
    expect(await comesToRest(() => written)).toBeLessThan(1_000_000)
    expect(isStopped).toBe(true)
    const answer = await answerOf(stream)
    expect(answer.body.length).toBe(20_004_864)
  })

  test('and stops a client whose app does not read', async () => {
    let go = () => {}
    const { client } = await start(stream => {
      go = () => {
        let length = 0
        stream.on('data', chunk => {
          length += (chunk as Buffer).length
        })
        stream.on('end', () => {
          stream.respond({ ':status': 200 })
          stream.end(String(length))
        })
      }
    })
    const stream = client.request({ ':method': 'POST', ':authority': 'catalog' })
    const total = 20_000_000
    let written = 0
    const more = () => {
      while (written < total) {
        written += 16_000
        if (!stream.write(Buffer.alloc(16_000))) {
          stream.once('drain', more)
          return
        }
      }
      stream.end()
    }
    more()
    const before = go
    await until(() => go !== before, 'the request at the app')
    expect(await comesToRest(() => written)).toBeLessThan(1_000_000)
    go()
    expect((await answerOf(stream)).body).toBe(String(total))
  })

  test('and answers at once when the app does, whatever of the request is still to come', async () => {
    const { client } = await start(stream => {
      stream.respond({ ':status': 413 }, { endStream: true })
      stream.close()
    })
    const stream = client.request({ ':method': 'POST', ':authority': 'catalog' })
    stream.write('x')
    expect(await answerOf(stream)).toMatchObject({ status: 413, code: 0 })
  })

  test('and keeps to the streams that the app allows at a time', async () => {
    let now = 0
    let most = 0
    const { client, app } = await start(
      stream => {
        most = Math.max(most, ++now)
        setImmediate(() => {
          now--
          stream.respond({ ':status': 200 })
          stream.end('ok')
        })
      },
      { settings: { maxConcurrentStreams: 2 } },
    )
    await ask(client)
    const answers = await Promise.all(Array.from({ length: 60 }, () => ask(client)))
    expect(answers.every(answer => answer.status === 200)).toBe(true)
    expect(most).toBeLessThanOrEqual(2 * app.seen.sessions)
    expect(app.seen.sessions).toBeGreaterThan(1)
    expect(app.seen.sessions).toBeLessThanOrEqual(8)
  })

  test('and takes a new connection when the app gives one up', async () => {
    const { client, app } = await start(stream => {
      stream.respond({ ':status': 200 })
      stream.end('ok')
      stream.session?.goaway(0)
    })
    for (let i = 0; i < 5; i++) expect((await ask(client)).status).toBe(200)
    expect(app.seen.sessions).toBeGreaterThan(1)
  })

  test('and answers in its stead when the app is away', async () => {
    const { client, app, discovery, endpoint } = await start(() => {})
    discovery.set(AUTHORITY, {
      state: 'resolved',
      endpoints: [{ ...endpoint, tls: null, inboundPort: null, ip: '127.0.0.1', port: 1 }],
      routes: null,
    })
    expect(app.seen.sessions).toBe(0)
    const plain = await ask(client)
    expect(plain).toMatchObject({
      status: 502,
      headers: { 'l5d-proxy-error': expect.stringContaining('ECONNREFUSED') },
    })
    const grpc = await ask(client, { 'content-type': 'application/grpc', ':method': 'POST' }, 'x')
    expect(grpc).toMatchObject({ status: 200, headers: { 'grpc-status': '14' } })
  })

  test('and lets requests under way end before it closes', async () => {
    let go = () => {}
    const { client, outbound, inbound, app } = await start(stream => {
      go = () => {
        stream.respond({ ':status': 200 })
        stream.end('late')
      }
    })
    const before = go
    const answer = ask(client)
    await until(() => go !== before, 'the request at the app')
    const drained = Promise.all([outbound.drain(5000), inbound.drain(5000)])
    await until(() => client.closed, 'the client to learn of the end')
    go()
    expect(await answer).toMatchObject({ status: 200, body: 'late' })
    await drained
    expect(app.seen.sessions).toBe(1)
  })

  test('by connections of the certificate of the moment', async () => {
    const { client, app, webIdentity, authority, metrics } = await start(stream => {
      stream.respond({ ':status': 200 })
      stream.end('ok')
    })
    await ask(client)
    webIdentity.renew(authority.certify(WEB))
    expect(await ask(client)).toMatchObject({ status: 200 })
    expect(app.seen.sessions).toBe(1)
    expect(metrics.outbound()).toMatch(/^tcp_open_total\{direction="outbound",peer="dst".*\} 2$/m)
    await until(
      () => /^tcp_open_connections\{direction="outbound",peer="dst".*\} 1$/m.test(metrics.outbound()),
      'the old connection to end',
    )
  })
})
