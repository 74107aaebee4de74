import type http from 'node:http'
import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { AUTHORITY, startPair } from '#proxy/accept/test-pair.ts'
import { Cleanup, RawClient, until } from '#proxy/accept/test-sockets.ts'
import { HttpRequest } from '#proxy/http/message.ts'
import { ORIG_PROTO, originOf, restoreHttp1 } from './orig-proto.ts'
import { fillHeaders } from './read-fields.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** A pair of proxies that speak HTTP/2 to each other, in front of an HTTP/1 app. */
async function start(handler: http.RequestListener) {
  const pair = await startPair(cleanup, handler)
  const endpoints = [{ ...pair.endpoint, http2: true }]
  pair.discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null, isOpaque: false })
  const client = await RawClient.connect(cleanup, pair.outbound.address)
  const isCarried = () =>
    /transport_header_connections_total\{session_protocol="http\/2"/.test(pair.metrics.inbound())
  return { ...pair, client, isCarried }
}

/** Calls back with a request's body, once it is whole. */
function withText(request: IncomingMessage, whole: (text: string) => void): void {
  let text = ''
  request.on('data', chunk => {
    text += String(chunk)
  })
  request.on('end', () => whole(text))
}

test.each([
  ['HTTP/1.1', { isHttp10: false, isAbsolute: false }],
  ['HTTP/1.0', { isHttp10: true, isAbsolute: false }],
  ['HTTP/1.1; absolute-form', { isHttp10: false, isAbsolute: true }],
  ['HTTP/1.0; absolute-form', { isHttp10: true, isAbsolute: true }],
])('originOf() says %s, and restoreHttp1() reads it', (said, form) => {
  expect(originOf(Object.assign(new HttpRequest(), form))).toBe(said)
  const carried = Object.assign(new HttpRequest(), { isHttp2: true })
  fillHeaders(carried.headers, '', [ORIG_PROTO, said])
  expect(restoreHttp1(carried)).toBe(true)
  expect(carried).toMatchObject({ ...form, isHttp2: false })
  expect(carried.headers.get(ORIG_PROTO)).toBeNull()
})

describe('HTTP/1 carried in HTTP/2', () => {
  test('reaches the app as it came, and so does the answer', async () => {
    const seen: { request?: IncomingMessage; body?: string } = {}
    const { client, isCarried, metrics } = await start((request, response) => {
      withText(request, body => {
        Object.assign(seen, { request, body })
        response.writeHead(201, { 'x-app': 'yes', 'set-cookie': ['a=1', 'b=2'] })
        response.end('created')
      })
    })
    client.send(
      'POST /a?b=1 HTTP/1.1\r\nHost: Catalog\r\nContent-Length: 5\r\nX-One: 1\r\nx-one: 2\r\n\r\nhello',
    )
    await client.receives('created')
    expect(isCarried()).toBe(true)
    expect(seen.body).toBe('hello')
    expect(seen.request?.httpVersion).toBe('1.1')
    expect(seen.request?.method).toBe('POST')
    expect(seen.request?.url).toBe('/a?b=1')
    expect(seen.request?.headers).toMatchObject({ host: 'catalog', 'x-one': '1, 2', 'content-length': '5' })
    expect(Object.keys(seen.request?.headers ?? {})).not.toContain('l5d-orig-proto')
    expect(client.received).toMatch(/^HTTP\/1\.1 201 Created\r\n/)
    expect(client.received).toMatch(/set-cookie: a=1\r\nset-cookie: b=2\r\n/i)
    expect(client.received).not.toMatch(/l5d-/)
    for (const side of [metrics.inbound(), metrics.outbound()]) {
      expect(side).toMatch(/^response_total\{.*status_code="201",classification="success".*\} 1$/m)
    }
  })

  test('keeps chunks and trailers, both ways', async () => {
    const seen: { body?: string; trailers?: unknown; framing?: unknown } = {}
    const { client, isCarried } = await start((request, response) => {
      withText(request, body => {
        const { headers, trailers } = request
        Object.assign(seen, { body, trailers, framing: headers['transfer-encoding'] })
        response.writeHead(200, { trailer: 'x-sum' })
        response.write('one')
        response.addTrailers({ 'x-sum': '42' })
        response.end('two')
      })
    })
    client.send(
      'POST / HTTP/1.1\r\nHost: catalog\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nx-count: 5\r\n\r\n',
    )
    await client.receives('x-sum: 42\r\n\r\n')
    expect(isCarried()).toBe(true)
    expect(seen).toEqual({ body: 'abcde', trailers: { 'x-count': '5' }, framing: 'chunked' })
    expect(client.received).toMatch(/transfer-encoding: chunked/i)
  })

  test.each([
    [
      'HEAD / HTTP/1.1\r\nHost: catalog\r\n\r\n',
      /^HTTP\/1\.1 200 OK\r\n(?:.*\r\n)*content-length: 5\r\n(?:.*\r\n)*\r\n$/i,
    ],
    ['GET /204 HTTP/1.1\r\nHost: catalog\r\n\r\n', /^HTTP\/1\.1 204 No Content\r\n(?:.+\r\n)*\r\n$/],
    ['GET /304 HTTP/1.1\r\nHost: catalog\r\n\r\n', /^HTTP\/1\.1 304 Not Modified\r\n(?:.+\r\n)*\r\n$/],
    ['GET http://catalog/ HTTP/1.1\r\nHost: other\r\n\r\n', /\r\n\r\nhello$/],
    [
      'GET / HTTP/1.0\r\nHost: catalog\r\nConnection: keep-alive\r\n\r\n',
      /keep-alive\r\n(?:.+\r\n)*\r\nhello$/,
    ],
  ])('answers %j, and then the next on the same connection', async (request, answer) => {
    const { client, isCarried } = await start((asked, response) => {
      const status = Number(asked.url?.slice(1)) || 200
      response.writeHead(status, status === 200 ? { 'content-length': 5 } : {})
      response.end(asked.headers.host === 'catalog' && status === 200 ? 'hello' : '')
    })
    client.send(request)
    await until(() => answer.test(client.received), `the answer, not ${JSON.stringify(client.received)}`)
    expect(isCarried()).toBe(true)
    const before = client.received.length
    client.send(request)
    await until(() => client.received.length === before * 2, 'the second answer')
  })

  test('waits for 100 Continue', async () => {
    const { client } = await start((request, response) => withText(request, text => response.end(text)))
    client.send('PUT / HTTP/1.1\r\nHost: catalog\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n')
    await client.receives('HTTP/1.1 100 Continue\r\n')
    client.send('hi')
    await client.receives('\r\n\r\nhi')
  })

  test('is not what leaves HTTP', async () => {
    const { client, isCarried, metrics } = await start(() => {})
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\nConnection: upgrade\r\nUpgrade: feed\r\n\r\n')
    await until(() => metrics.inbound().includes('session_protocol="http/1"'), 'the connection of its own')
    expect(isCarried()).toBe(false)
  })

  test('ends its connection when the answer breaks off', async () => {
    const { client, metrics } = await start((_, response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('part', () => response.destroy())
    })
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await client.receives('part')
    await client.ends()
    expect(metrics.outbound()).toMatch(
      /^response_total\{.*status_code="200".*error="h2\(INTERNAL_ERROR\)"\} 1$/m,
    )
    expect(metrics.inbound()).toMatch(/^response_total\{.*status_code="200".*error="upstream closed"\} 1$/m)
  })

  test('ends its connection when HTTP/2 has no word for the status', async () => {
    const { client, outbound } = await start((request, response) => {
      response.statusCode = request.url === '/odd' ? 999 : 200
      response.end('ok')
    })
    client.send('GET /odd HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await client.ends()
    expect(client.received).toMatch(/^HTTP\/1\.1 502 /)
    const next = await RawClient.connect(cleanup, outbound.address)
    next.send('GET / HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await next.receives('\r\n\r\nok')
  })

  test('is answered before the request is whole', async () => {
    const { client, metrics } = await start((_, response) => void response.writeHead(400).end('early'))
    client.send(`POST / HTTP/1.1\r\nHost: catalog\r\nContent-Length: 5000000\r\n\r\n${'x'.repeat(500_000)}`)
    await client.receives('early')
    await until(() => client.received.endsWith('0\r\n\r\n') || client.isEnded, 'the end of the answer')
    for (const side of [metrics.inbound(), metrics.outbound()]) {
      expect(side).toMatch(/^response_total\{.*status_code="400",classification="success".*error=""\} 1$/m)
    }
  })

  test('is cancelled at the app when its client leaves', async () => {
    let isGone = false
    const { client, metrics } = await start((_, response) => {
      response.on('close', () => {
        isGone = true
      })
      response.write('first')
    })
    client.send('GET / HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await client.receives('first')
    client.socket.resetAndDestroy()
    await until(() => isGone, 'the app to learn of it')
    expect(metrics.inbound()).toMatch(/^response_total\{.*error="client closed"\} 1$/m)
  })

  test('shares one connection', async () => {
    const { client, outbound, metrics } = await start((request, response) => response.end(request.url))
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => RawClient.connect(cleanup, outbound.address)),
    )
    const all = [client, ...clients]
    for (const [i, one] of all.entries()) one.send(`GET /${i}! HTTP/1.1\r\nHost: catalog\r\n\r\n`)
    await Promise.all(all.map((one, i) => one.receives(`/${i}!`)))
    expect(metrics.outbound()).toMatch(/^tcp_open_total\{direction="outbound",peer="dst".*\} 1$/m)
    expect(metrics.inbound()).toMatch(/^response_total\{.*\} 21$/m)
  })
})
