import { afterEach, describe, expect, test } from 'vitest'
import type { OutboundPolicy } from '#lib/policy/outbound-policy.ts'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { AUTHORITY, GET, OK, startProxy, startRaw, testRoutes } from './test-outbound.ts'
import { policyOf, rule } from './test-policy.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const FAILED = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'
const TOO_MANY = 'HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n'
const RETRY = { statuses: [{ min: 502, max: 504 }], grpcCodes: [], maxRetries: 1, attemptTimeoutMs: null }

/** A proxy whose app has no profile but this policy. */
async function startWith(ports: readonly number[], policy: Partial<OutboundPolicy>, hasProfile = false) {
  const { failureAccrual = null, ...more } = policy
  const proxy = await startProxy(cleanup, ports, { failfastTimeoutMs: 20 })
  proxy.discovery.set(AUTHORITY, {
    state: 'resolved',
    endpoints: ports.map(port => testEndpoint('127.0.0.1', port)),
    routes: hasProfile ? testRoutes() : null,
    policy: policyOf([rule(more)], failureAccrual),
  })
  const client = await proxy.connect()
  /** Sends a request and returns the status it was answered with. */
  const ask = async (request = GET) => {
    client.received = ''
    client.send(request)
    await client.receives('\r\n\r\n')
    return client.received.slice(9, 12)
  }
  return { ...proxy, client, ask }
}

/** What requests of the policy's routes ended with instead of a status, as their clients saw it. */
function routeErrors(metrics: string): string[] {
  const ends = metrics.matchAll(/^outbound_http_route_request_statuses_total\{.*error="(\w+)"\}/gm)
  return [...ends].map(([, error = '']) => error)
}

/** An upstream that gives these answers, the last one from then on. `null`: it stays silent. */
async function startAnswering(...answers: readonly (string | null)[]) {
  const seen = { requests: 0 }
  const { port } = await startRaw(cleanup, () => {
    const answer = answers[Math.min(seen.requests, answers.length - 1)]
    seen.requests++
    return answer ?? null
  })
  return { port, seen }
}

describe('retries of a policy', () => {
  test('follow the statuses it names, up to its limit', async () => {
    const once = await startAnswering(FAILED, OK)
    const one = await startWith([once.port], { retry: RETRY })
    expect(await one.ask()).toBe('200')
    const always = await startAnswering(FAILED)
    const two = await startWith([always.port], { retry: { ...RETRY, maxRetries: 2 } })
    expect(await two.ask()).toBe('503')
    expect(always.seen.requests).toBe(3)
    const counted = (name: string, labels: string) =>
      new RegExp(`^outbound_http_route_${name}_total\\{.*${labels}\\} (\\d+)$`, 'm').exec(two.metrics())?.[1]
    expect(counted('request_statuses', 'http_status="503",error=""')).toBe('1')
    expect(counted('backend_requests', 'backend_name="app".*')).toBe('3')
    expect(counted('backend_response_statuses', 'http_status="503",error=""')).toBe('3')
    expect(counted('retry_requests', '')).toBe('2')
    expect(counted('retry_limit_exceeded', '')).toBe('1')
    expect(one.metrics()).toMatch(/^outbound_http_route_retry_successes_total\{.*\} 1$/m)
  })

  test('may follow a status that is no failure, and leave out one that is', async () => {
    const busy = await startAnswering(TOO_MANY, OK)
    const named = await startWith([busy.port], { retry: { ...RETRY, statuses: [{ min: 429, max: 429 }] } })
    expect(await named.ask()).toBe('200')
    const failing = await startAnswering(FAILED)
    const unnamed = await startWith([failing.port], {
      retry: { ...RETRY, statuses: [{ min: 429, max: 429 }] },
    })
    expect(await unnamed.ask()).toBe('503')
    expect(failing.seen.requests).toBe(1)
  })

  test('follow an attempt that took too long', async () => {
    const slow = await startAnswering(null, OK)
    const { ask, metrics } = await startWith([slow.port], {
      retry: { ...RETRY, statuses: [], attemptTimeoutMs: 500 },
    })
    expect(await ask()).toBe('200')
    expect(metrics()).toMatch(/^response_total\{.*status_code="504".*error="timeout"\} 1$/m)
    const silent = await startAnswering(null)
    const two = await startWith([silent.port], { retry: { ...RETRY, statuses: [], attemptTimeoutMs: 200 } })
    expect(await two.ask()).toBe('504')
    expect(silent.seen.requests).toBe(2)
    expect(routeErrors(two.metrics())).toEqual(['RESPONSE_HEADERS_TIMEOUT'])
  })

  test('leave out requests that are too large to be kept, and count them', async () => {
    const large = 70_000
    const failing = await startRaw(cleanup, (_, socket) => (socket.bytesRead > large ? FAILED : null))
    const { ask, metrics } = await startWith([failing.port], { retry: RETRY })
    const head = `POST / HTTP/1.1\r\nHost: app\r\nContent-Length: ${large}\r\n\r\n`
    expect(await ask(head + 'x'.repeat(large))).toBe('503')
    expect(metrics()).toMatch(/^outbound_http_route_retry_overflow_total\{.*\} 1$/m)
    const bytes = /^outbound_http_route_request_frame_size_bytes_sum\{.*\} (\d+)$/m.exec(metrics())?.[1]
    expect(bytes).toBe(String(large))
  })

  test('follow a destination without endpoints, until it has one', async () => {
    const { port } = await startAnswering(OK)
    const { client, discovery, metrics } = await startWith([], {
      retry: {
        ...RETRY,
        statuses: [],
        maxRetries: 100,
        backoff: { minMs: 25, maxMs: 250, jitterRatio: 1 },
      },
    })
    client.send(GET)
    const retried = /^outbound_http_route_retry_requests_total\{.*\} [1-9]/m
    await until(() => retried.test(metrics()), 'a retry')
    discovery.set(AUTHORITY, {
      state: 'resolved',
      endpoints: [testEndpoint('127.0.0.1', port)],
      routes: null,
      policy: policyOf([rule({ retry: RETRY })]),
    })
    await client.receives('200 OK')
    expect(metrics()).not.toContain('outbound_http_errors_total')
    const without = await startWith([], { retry: { ...RETRY, statuses: [] } })
    expect(await without.ask()).toBe('504')
    expect(routeErrors(without.metrics())).toEqual(['FAIL_FAST'])
    expect(without.metrics()).toMatch(/^outbound_http_route_retry_requests_total\{.*\} 1$/m)
  })

  test('and its timeouts count for nothing where there is a profile', async () => {
    const { port, seen } = await startAnswering(FAILED)
    const { ask } = await startWith([port], { retry: RETRY }, true)
    expect(await ask()).toBe('503')
    expect(seen.requests).toBe(1)
  })
})

describe('timeouts of a policy', () => {
  test('answer 504 and count what took so long', async () => {
    const { port } = await startAnswering(null)
    const { ask, metrics } = await startWith([port], { requestTimeoutMs: 40 })
    expect(await ask()).toBe('504')
    expect(routeErrors(metrics())).toEqual(['REQUEST_TIMEOUT'])
    expect(metrics()).toMatch(/^response_total\{.*status_code="504".*error="timeout"\} 1$/m)
  })

  test('of the response begin when the request was sent whole', async () => {
    const { port, seen } = await startRaw(cleanup, () => null)
    const { client, connect, metrics } = await startWith([port], {
      requestTimeoutMs: 120,
      responseTimeoutMs: 20,
    })
    const first = 'POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 10\r\n\r\nfirst'
    client.send(first)
    await client.receives('l5d-proxy-error: no answer within 120 ms')
    const other = await connect()
    other.send(first)
    await until(() => seen.text.split('first').length === 3, 'the first half')
    other.send('later')
    await other.receives('l5d-proxy-error: no answer within 20 ms')
    expect(routeErrors(metrics())).toEqual(['REQUEST_TIMEOUT', 'RESPONSE_STREAM_TIMEOUT'])
  })
})

describe('the idle timeout of a policy', () => {
  const answering = 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n'

  test('answers 504 when nothing comes, and breaks off an answer that stops', async () => {
    const silent = await startAnswering(null)
    const one = await startWith([silent.port], { idleTimeoutMs: 30 })
    expect(await one.ask()).toBe('504')
    expect(one.client.received).toContain('l5d-proxy-error: no data within 30 ms')
    expect(routeErrors(one.metrics())).toEqual(['IDLE_TIMEOUT'])
    const half = await startAnswering(`${answering}half`)
    const two = await startWith([half.port], { idleTimeoutMs: 500 })
    two.client.send(GET)
    await two.client.ends()
    expect(two.client.received).toMatch(/200 OK.*half$/s)
    expect(two.metrics()).toMatch(/^response_total\{.*status_code="200".*error="timeout"\} 1$/m)
    expect(routeErrors(two.metrics())).toEqual(['IDLE_TIMEOUT'])
  })

  test.each([
    ['an answer', GET],
    ['a request', 'POST / HTTP/1.1\r\nHost: app\r\nContent-Length: 100\r\n\r\n'],
  ])('lets %s last longer while its data comes', async (what, request) => {
    const { port, seen } = await startRaw(cleanup, read =>
      what === 'an answer' ? answering : read.endsWith('!') ? OK : null,
    )
    const { client } = await startWith([port], { idleTimeoutMs: 500 })
    client.send(request)
    await until(() => seen.sockets.length === 1 && seen.text.includes('\r\n\r\n'), 'the request')
    const write = (text: string) =>
      what === 'an answer' ? seen.sockets[0]?.write(text) : client.socket.write(text)
    const startedMs = performance.now()
    let sent = 0
    const trickle = setInterval(() => {
      const isLast = ++sent === 99 || performance.now() - startedMs > 700
      write(isLast ? '!' : '.')
    }, 10)
    await client.receives(what === 'an answer' ? '!' : 'ok').finally(() => clearInterval(trickle))
    expect(client.received).toContain('200 OK')
  })
})

describe('failure accrual', () => {
  const accrual = { maxFailures: 3, minPenaltyMs: 60_000, maxPenaltyMs: 60_000, jitterRatio: 0 }

  test('leaves a failing endpoint alone', async () => {
    const failing = await startAnswering(FAILED)
    const working = await startAnswering(OK)
    const { ask } = await startWith([failing.port, working.port], { failureAccrual: accrual })
    while (failing.seen.requests < 3) await ask()
    for (let i = 0; i < 20; i++) expect(await ask()).toBe('200')
    expect(failing.seen.requests).toBe(3)
  })

  test('leaves no endpoint when all fail: requests fail at once', async () => {
    const { port, seen } = await startAnswering(FAILED)
    const { ask, metrics } = await startWith([port], { failureAccrual: accrual })
    for (let i = 0; i < 3; i++) expect(await ask()).toBe('503')
    expect(await ask()).toBe('504')
    expect(seen.requests).toBe(3)
    expect(metrics()).toMatch(/^outbound_http_errors_total\{error="failfast"\} 1$/m)
  })

  test('lets one request try after the penalty', async () => {
    const { port, seen } = await startAnswering(FAILED, FAILED, FAILED, OK)
    const penalty = { minPenaltyMs: 20, maxPenaltyMs: 20 }
    const { ask, connect } = await startWith([port], { failureAccrual: { ...accrual, ...penalty } })
    for (let i = 0; i < 3; i++) await ask()
    let received = ''
    while (!received.includes('200 OK')) {
      const client = await connect()
      client.send(GET)
      await client.receives('\r\n\r\n')
      received = client.received
    }
    expect(seen.requests).toBe(4)
  })
})
