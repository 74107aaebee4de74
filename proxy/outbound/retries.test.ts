import { Buffer } from 'node:buffer'
import { afterEach, describe, expect, test } from 'vitest'
import type { RetryBudget } from '#lib/resources/service-profile.ts'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, startApp, until } from '#proxy/accept/test-sockets.ts'
import { MAX_REPLAY_BYTES } from '#proxy/http/replay-body.ts'
import { AUTHORITY, GET, OK, startProxy, startRaw, testRoutes } from './test-outbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const FAILED = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy'

/** A proxy whose app's only route is retryable, in front of endpoints on these ports. */
async function startRetrying(
  ports: readonly number[],
  { retryBudget, ...route }: Parameters<typeof testRoutes>[0] & { retryBudget?: RetryBudget } = {},
) {
  const proxy = await startProxy(cleanup, ports)
  proxy.discovery.set(AUTHORITY, {
    state: 'resolved',
    endpoints: ports.map(port => testEndpoint('127.0.0.1', port)),
    routes: testRoutes({ isRetryable: true, ...route }),
    ...(retryBudget && { retryBudget }),
  })
  return proxy
}

/** Reads whole requests by Node's own parser, and answers the n-th by `answers[n]`, the last one from then on. */
async function startAnswering(answers: readonly { status: number; body?: string }[]) {
  const seen: { method: string; body: string; trailers: NodeJS.Dict<string> }[] = []
  const port = await startApp(cleanup, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk as Buffer))
    request.on('end', () => {
      const { status, body = '' } = answers[Math.min(seen.length, answers.length - 1)] ?? { status: 200 }
      const { method = '', trailers } = request
      seen.push({ method, body: Buffer.concat(chunks).toString('latin1'), trailers })
      response.writeHead(status, { 'content-length': body.length }).end(body)
    })
  })
  return { port, seen }
}

const value = (metrics: string, name: string, ...labels: string[]): number =>
  metrics
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) && labels.every(label => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)

describe('a failed attempt of a retryable route', () => {
  test('is sent again to another endpoint, and the client sees only the last', async () => {
    const failing = await startRaw(cleanup, () => FAILED)
    const working = await startRaw(cleanup, () => OK)
    const { connect, metrics } = await startRetrying([failing.port, working.port], {
      labels: { route: 'all' },
    })
    const client = await connect()
    let sent = 0
    while (failing.seen.text === '') {
      client.received = ''
      client.send(GET)
      sent++
      await client.receives('\r\n\r\nok')
      expect(client.received).not.toContain('503')
    }
    const text = metrics()
    expect(value(text, 'route_request_total', 'rt_route="all"')).toBe(sent)
    expect(value(text, 'route_response_total', 'status_code="200"', 'classification="success"')).toBe(sent)
    expect(value(text, 'route_response_total')).toBe(sent)
    expect(value(text, 'route_actual_request_total')).toBe(sent + 1)
    expect(value(text, 'route_actual_response_total', 'status_code="503"', '"failure"')).toBe(1)
    expect(value(text, 'response_total', 'status_code="503"', '"failure"')).toBe(1)
    expect(value(text, 'route_retryable_total', 'rt_route="all"')).toBe(1)
    expect(value(text, 'route_retryable_total', 'skipped=')).toBe(0)
  })

  test('is sent again to each of the other endpoints, before it is to one that failed', async () => {
    const counts = [0, 0, 0, 0, 0, 0]
    const failing = await Promise.all(
      counts.map((_, index) =>
        startRaw(cleanup, () => {
          counts[index] = (counts[index] ?? 0) + 1
          return FAILED
        }),
      ),
    )
    // The one request earns five retries.
    const { connect } = await startRetrying(
      failing.map(({ port }) => port),
      { retryBudget: { retryRatio: 5, minRetriesPerSecond: 0, ttlMs: 600_000 } },
    )
    const client = await connect()
    client.send(GET)
    await client.receives('busy')
    expect(counts).toEqual([1, 1, 1, 1, 1, 1])
  })

  test('and the next one leave their connections open', async () => {
    let requests = 0
    const { port, seen } = await startRaw(cleanup, () => (++requests === 1 ? FAILED : OK))
    const { connect, metrics } = await startRetrying([port])
    const client = await connect()
    for (let i = 1; i <= 3; i++) {
      client.send(GET)
      await until(() => client.received.split('200 OK').length === i + 1, 'the response')
    }
    expect(seen.connections).toBe(2)
    expect(value(metrics(), 'tcp_open_connections', 'peer="dst"')).toBe(2)
  })

  test.each([
    ['of known length', 'Content-Length: 5\r\n\r\nhello', {}],
    [
      'in chunks',
      'Transfer-Encoding: chunked\r\nTrailer: x-end\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\nx-end: yes\r\n\r\n',
      { 'x-end': 'yes' },
    ],
  ])('is sent again with its body %s', async (_, rest, trailers) => {
    const { port, seen } = await startAnswering([
      { status: 500, body: 'no' },
      { status: 502 },
      { status: 200, body: 'ok' },
    ])
    const { connect } = await startRetrying([port])
    const client = await connect()
    client.send(`POST / HTTP/1.1\r\nHost: app\r\n${rest}`)
    await client.receives('200 OK')
    expect(seen).toEqual([1, 2, 3].map(() => ({ method: 'POST', body: 'hello', trailers })))
  })

  test('is sent again whole when it failed while its body still came', async () => {
    const early = await startRaw(cleanup, () => FAILED)
    const whole = await startAnswering([{ status: 200 }])
    const { connect, metrics } = await startRetrying([early.port, whole.port])
    while (early.seen.text === '') {
      const client = await connect()
      client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 10\r\n\r\nfirst')
      await until(
        () =>
          early.seen.text.endsWith('first') || value(metrics(), 'tcp_write_bytes_total', 'peer="dst"') > 0,
        'the first half',
      )
      client.send('later')
      await client.receives('200 OK')
    }
    expect(new Set(whole.seen.map(({ body }) => body))).toEqual(new Set(['firstlater']))
  })

  test.each([
    ['of known length', (body: string) => `Content-Length: ${body.length}\r\n\r\n${body}`],
    [
      'in chunks',
      (body: string) =>
        `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ],
  ])('is passed on when its body, %s, is too large to be kept', async (_, framed) => {
    const { port, seen } = await startAnswering([{ status: 500, body: 'no' }])
    const { connect, metrics } = await startRetrying([port])
    const client = await connect()
    const body = 'x'.repeat(MAX_REPLAY_BYTES + 1)
    client.send(`POST / HTTP/1.1\r\nHost: app\r\n${framed(body)}`)
    await client.receives('\r\n\r\nno')
    expect(seen.map(one => one.body === body)).toEqual([true])
    expect(value(metrics(), 'route_retryable_total')).toBe(0)
  })

  test('is sent again ten times at most, whatever the budget', async () => {
    const { port, seen } = await startAnswering([{ status: 500 }])
    const retryBudget = { retryRatio: 100, minRetriesPerSecond: 0, ttlMs: 600_000 }
    const { connect, metrics } = await startRetrying([port], { retryBudget })
    const client = await connect()
    client.send(GET)
    await client.receives('500 Internal')
    expect(seen).toHaveLength(11)
    expect(value(metrics(), 'route_retryable_total', 'skipped="no_budget"')).toBe(0)
  })

  test('is passed on when the budget is spent, and counted so', async () => {
    const { port, seen } = await startAnswering([{ status: 500 }])
    const retryBudget = { retryRatio: 0, minRetriesPerSecond: 1, ttlMs: 2000 }
    const { connect, metrics } = await startRetrying([port], { retryBudget })
    const client = await connect()
    client.send(GET)
    await client.receives('500 Internal')
    expect(seen).toHaveLength(3)
    expect(value(metrics(), 'route_retryable_total')).toBe(3)
    expect(value(metrics(), 'route_retryable_total', 'skipped="no_budget"')).toBe(1)
    expect(value(metrics(), 'route_actual_response_total')).toBe(3)
    expect(value(metrics(), 'route_response_total', '"failure"')).toBe(1)
  })

  test('is sent again by what earlier requests left in the budget', async () => {
    const { port, seen } = await startAnswering([{ status: 200 }, { status: 200 }, { status: 500 }])
    const retryBudget = { retryRatio: 0.5, minRetriesPerSecond: 0, ttlMs: 600_000 }
    const { connect } = await startRetrying([port], { retryBudget })
    const client = await connect()
    for (const answer of ['200 OK', '200 OK', '500 Internal']) {
      client.received = ''
      client.send(GET)
      await client.receives(answer)
    }
    // Three requests earned one retry and a half.
    expect(seen).toHaveLength(4)
  })

  test('is one by the classes of the route', async () => {
    const { port, seen } = await startAnswering([{ status: 429 }, { status: 500 }])
    const isFailure = (status: number) => status === 429
    const { connect, metrics } = await startRetrying([port], { isFailure })
    const client = await connect()
    client.send(GET)
    await client.receives('500 Internal')
    expect(seen).toHaveLength(2)
    expect(value(metrics(), 'route_actual_response_total', '"429"', '"failure"')).toBe(1)
    expect(value(metrics(), 'route_response_total', '"500"', '"success"')).toBe(1)
    expect(value(metrics(), 'response_total', '"500"', '"success"')).toBe(1)
  })

  test('is one that broke off before its head', async () => {
    let requests = 0
    const { port } = await startRaw(cleanup, (_, socket) => {
      if (++requests > 1) return OK
      socket.destroy()
      return null
    })
    const { connect, metrics } = await startRetrying([port])
    const client = await connect()
    client.send('POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 1\r\n\r\nx')
    await client.receives('200 OK')
    expect(value(metrics(), 'route_actual_response_total', '"502"', '"failure"')).toBe(1)
  })

  test('is none once a part of the response was passed on', async () => {
    const { port, seen } = await startRaw(cleanup, (_, socket) => {
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf')
      return null
    })
    const { connect, metrics } = await startRetrying([port])
    const client = await connect()
    client.send(GET)
    await client.ends()
    expect(seen.connections).toBe(1)
    expect(value(metrics(), 'route_actual_response_total', '"failure"', 'error="upstream closed"')).toBe(1)
  })

  test('is told as an attempt of its own to those who tap', async () => {
    const { port } = await startAnswering([{ status: 500 }, { status: 200 }])
    const proxy = await startRetrying([port])
    const tap = proxy.taps.add({ limit: 10, matches: () => true, wantsHeaders: false })
    const client = await proxy.connect()
    client.send(GET)
    await client.receives('200 OK')
    const told: [string, string | undefined][] = []
    for await (const { destinationMeta, event } of tap?.events() ?? []) {
      told.push([event.value?.event.case ?? '', destinationMeta?.labels.attempt])
      if (told.length === 6) break
    }
    const one = ['requestInit', 'responseInit', 'responseEnd']
    expect(told).toEqual([...one.map(kind => [kind, undefined]), ...one.map(kind => [kind, '2'])])
  })

  test('shares the time its route allows with those before it', async () => {
    let requests = 0
    const { port } = await startRaw(cleanup, () => (++requests === 1 ? FAILED : null))
    const { connect, metrics } = await startRetrying([port], { timeoutMs: 80 })
    const client = await connect()
    client.send(GET)
    await client.receives('504 Gateway Timeout')
    expect(requests).toBe(2)
    expect(value(metrics(), 'route_actual_response_total', '"504"', 'error="timeout"')).toBe(1)
    expect(value(metrics(), 'route_response_total', '"504"', 'error="timeout"')).toBe(1)
    expect(value(metrics(), 'route_response_total')).toBe(1)
  })

  test('of a route that is not retryable is passed on', async () => {
    const { port, seen } = await startAnswering([{ status: 500 }])
    const { connect, metrics } = await startRetrying([port], { isRetryable: false })
    const client = await connect()
    client.send(GET)
    await client.receives('500 Internal')
    expect(seen).toHaveLength(1)
    expect(value(metrics(), 'route_retryable_total')).toBe(0)
  })
})

describe('of gRPC, a retryable attempt', () => {
  const CALL =
    'POST /a.B/C HTTP/1.1\r\nHost: app\r\nContent-Type: application/grpc\r\nTE: trailers\r\nContent-Length: 2\r\n\r\nhi'
  const HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\nTransfer-Encoding: chunked\r\n\r\n'
  const answer = (data: string, status: number) =>
    `${HEAD}${data === '' ? '' : `${data.length.toString(16)}\r\n${data}\r\n`}0\r\ngrpc-status: ${status}\r\n\r\n`

  test('that ends with a failing status before any message is sent again', async () => {
    let requests = 0
    const { port } = await startRaw(cleanup, () => (++requests === 1 ? answer('', 14) : answer('yes', 0)))
    const { connect, metrics } = await startRetrying([port])
    const client = await connect()
    client.send(CALL)
    await client.receives('grpc-status: 0')
    expect(client.received).toContain('3\r\nyes')
    expect(requests).toBe(2)
    expect(value(metrics(), 'route_actual_response_total', 'grpc_status="14"', '"failure"')).toBe(1)
    expect(value(metrics(), 'route_response_total', 'grpc_status="0"', '"success"')).toBe(1)
  })

  test('that sent a message is passed on, however it ends', async () => {
    const { port, seen } = await startRaw(cleanup, () => answer('part', 13))
    const { connect, metrics } = await startRetrying([port])
    const client = await connect()
    client.send(CALL)
    await client.receives('grpc-status: 13')
    expect(client.received.startsWith('HTTP/1.1 200')).toBe(true)
    expect(seen.text.split('POST')).toHaveLength(2)
    expect(value(metrics(), 'route_response_total', 'grpc_status="13"', '"failure"')).toBe(1)
  })
})
