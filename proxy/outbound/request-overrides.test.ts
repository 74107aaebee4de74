import { afterEach, describe, expect, test, vi } from 'vitest'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, comesToRest, until } from '#proxy/accept/test-sockets.ts'
import type { ServiceRule } from '#proxy/discovery/discovery.ts'
import { AUTHORITY, OK, startProxy, startRaw } from './test-outbound.ts'
import { policyOf, rule } from './test-policy.ts'

const cleanup = new Cleanup()
afterEach(() => {
  vi.useRealTimers()
  return cleanup.run()
})

/** A proxy before an app that gives these answers by turns (`null`: none), the last from then on. */
async function start(answers: readonly (string | null)[], more: Partial<ServiceRule> = {}) {
  let requests = 0
  const app = await startRaw(cleanup, () => answers[Math.min(requests++, answers.length - 1)] ?? null)
  const proxy = await startProxy(cleanup, [app.port])
  proxy.discovery.set(AUTHORITY, {
    state: 'resolved',
    endpoints: [testEndpoint('127.0.0.1', app.port)],
    routes: null,
    policy: policyOf([rule({ allowsRequestHeaders: true, ...more })]),
  })
  const client = await proxy.connect()
  /** The whole head of the answer to a request with these headers. */
  const ask = async (...headers: readonly string[]) => {
    client.received = ''
    client.send(`GET / HTTP/1.1\r\nHost: app\r\n${headers.map(line => `${line}\r\n`).join('')}\r\n`)
    await client.receives('\r\n\r\n')
    return client.received
  }
  return { app, ask, metrics: proxy.metrics, requests: () => requests }
}

const failed = (status: number) => `HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`

describe('headers of a request', () => {
  test('ask for retries, by status and number, and go no further', async () => {
    const { app, ask, requests } = await start([failed(500), failed(503), OK])
    expect(await ask('l5d-retry-http: 5xx', 'l5d-retry-limit: 2')).toContain('200 OK')
    expect(requests()).toBe(3)
    expect(app.seen.text).not.toContain('l5d-')
  })

  test('ask for retries that are made at once, and after the wait that a route says', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { ask } = await start([failed(500), failed(500), OK])
    expect(await ask('l5d-retry-http: 5xx', 'l5d-retry-limit: 2')).toContain('200 OK')
    const backoff = { minMs: 60_000, maxMs: 60_000, jitterRatio: 0 }
    const retry = { statuses: [], grpcCodes: [], maxRetries: 1, attemptTimeoutMs: null, backoff }
    const waiting = await start([failed(500), OK], { retry })
    const answer = waiting.ask('l5d-retry-http: 5xx')
    const retried = /^outbound_http_route_retry_requests_total\{.*\} 1$/m
    await until(() => retried.test(waiting.metrics()), 'the wait')
    vi.advanceTimersByTime(59_999)
    expect(await comesToRest(waiting.requests)).toBe(1)
    vi.advanceTimersByTime(1)
    expect(await answer).toContain('200 OK')
  })

  test('ask for retries by the status of gRPC', async () => {
    const answer = (status: number) =>
      `HTTP/1.1 200 OK\r\nContent-Type: application/grpc\r\ngrpc-status: ${status}\r\nContent-Length: 0\r\n\r\n`
    const { ask, requests } = await start([answer(14), answer(8), answer(0)])
    const grpc = ['Content-Type: application/grpc', 'l5d-retry-grpc: unavailable'] as const
    expect(await ask(...grpc, 'l5d-retry-limit: 9')).toContain('grpc-status: 8')
    expect(requests()).toBe(2)
  })

  test('take the place of what the route says, as far as they say', async () => {
    const retry = { statuses: [{ min: 500, max: 500 }], grpcCodes: [], maxRetries: 3, attemptTimeoutMs: null }
    const one = await start([failed(500)], { retry })
    await one.ask('l5d-retry-limit: 1')
    expect(one.requests()).toBe(2)
    const two = await start([failed(500)], { retry })
    await two.ask('l5d-retry-http: gateway-error')
    expect(two.requests()).toBe(1)
  })

  test('ask for times', async () => {
    const { ask } = await start([null])
    expect(await ask('l5d-timeout: 30ms')).toMatch(/ 504 .*no answer within 30 ms/s)
    expect(await ask('l5d-timeout: 1h', 'l5d-response-timeout: 40ms')).toMatch(/ 504 .*within 40 ms/s)
    expect(await ask('l5d-timeout: 1h', 'l5d-request-timeout: 50ms')).toMatch(/ 504 .*within 50 ms/s)
    const slow = await start([null, OK])
    expect(await slow.ask('l5d-retry-timeout: 500ms')).toContain('200 OK')
  })

  test('ask in vain where the route does not allow it, or nobody can read them', async () => {
    const one = await start([failed(500)], { allowsRequestHeaders: false })
    expect(await one.ask('l5d-retry-http: 5xx', 'l5d-timeout: 1ms')).toContain(' 500 ')
    expect(one.requests()).toBe(1)
    expect(one.app.seen.text).not.toContain('l5d-')
    const two = await start([failed(500)])
    expect(await two.ask('l5d-retry-http: often', 'l5d-retry-limit: -1', 'l5d-timeout: soon')).toContain(
      ' 500 ',
    )
    expect(two.requests()).toBe(1)
  })
})
