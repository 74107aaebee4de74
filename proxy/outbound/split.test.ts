import { afterEach, expect, test } from 'vitest'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup } from '#proxy/accept/test-sockets.ts'
import type { Resolution } from '#proxy/discovery/discovery.ts'
import { AUTHORITY, GET, OK, startProxy, startRaw, testRoutes } from './test-outbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const authorityOf = (service: string) => `${service}.shop.svc.cluster.local:80`
const resolved = (service: string, ports: readonly number[]): Resolution => ({
  state: 'resolved',
  endpoints: ports.map(port => testEndpoint('127.0.0.1', port, { labels: { service, namespace: 'shop' } })),
  routes: null,
})

/** A proxy whose `app` is split between services of one endpoint each, which answer their name. */
async function startSplit(
  weights: Readonly<Record<string, number>>,
  answers: Readonly<Record<string, string>> = {},
) {
  const apex = await startRaw(cleanup, () => answer('app'))
  const proxy = await startProxy(cleanup, [])
  const { discovery } = proxy
  const split = (of: Readonly<Record<string, number>>) =>
    discovery.set(AUTHORITY, {
      ...resolved('app', [apex.port]),
      state: 'resolved',
      endpoints: [testEndpoint('127.0.0.1', apex.port)],
      routes: testRoutes({ isRetryable: true }),
      split: Object.entries(of).map(([service, weight]) => ({ authority: authorityOf(service), weight })),
    })
  for (const service of ['v1', 'v2']) {
    const { port } = await startRaw(cleanup, () => answers[service] ?? answer(service))
    discovery.set(authorityOf(service), resolved(service, [port]))
  }
  split(weights)
  const client = await proxy.connect()
  /** Sends requests, one after the other; returns how many each answered. */
  const send = async (requests: number) => {
    const counts: Record<string, number> = {}
    for (let i = 0; i < requests; i++) {
      client.received = ''
      client.send(GET)
      await client.receives('\r\n\r\n')
      const by = /x-by: (\w+)/.exec(client.received)?.[1] ?? client.received.slice(9, 12)
      counts[by] = (counts[by] ?? 0) + 1
    }
    return counts
  }
  return { ...proxy, client, split, send }
}

function answer(service: string): string {
  return `HTTP/1.1 200 OK\r\nx-by: ${service}\r\nContent-Length: 0\r\n\r\n`
}

test('requests go to the backends by their weights, counted for the authority that was asked for', async () => {
  const { metrics, send } = await startSplit({ v1: 9000, v2: 1000 })
  const { v1 = 0, v2 = 0, ...others } = await send(400)
  expect(others).toEqual({})
  // 40 are expected of v2; five times the standard deviation on either side is chance enough.
  expect(v2).toBeGreaterThan(10)
  expect(v2).toBeLessThan(70)
  const counted = (service: string) =>
    Number(
      new RegExp(
        `^response_total\\{.*authority="${AUTHORITY}".*dst_service="${service}".*\\} (\\d+)$`,
        'm',
      ).exec(metrics())?.[1],
    )
  expect([counted('v1'), counted('v2')]).toEqual([v1, v2])
})

test('a change of weights counts for the next request', async () => {
  const { send, split } = await startSplit({ v1: 1, v2: 0 })
  expect(await send(20)).toEqual({ v1: 20 })
  split({ v1: 0, v2: 1 })
  expect(await send(20)).toEqual({ v2: 20 })
  split({})
  expect(await send(5)).toEqual({ app: 5 })
  split({ v2: 1 })
  expect(await send(5)).toEqual({ v2: 5 })
})

test('when all weights are 0, requests go to the service itself', async () => {
  const { send } = await startSplit({ v1: 0, v2: 0 })
  expect(await send(5)).toEqual({ app: 5 })
})

test('the service itself may be a backend of its split', async () => {
  const { send } = await startSplit({ app: 1, v1: 0 })
  expect(await send(5)).toEqual({ app: 5 })
})

test('the share of a backend that does not exist, or has no endpoints, goes to the others', async () => {
  const { discovery, send } = await startSplit({ v1: 1, gone: 1 })
  expect(await send(20)).toEqual({ v1: 20 })
  discovery.set(authorityOf('gone'), resolved('gone', []))
  expect(await send(20)).toEqual({ v1: 20 })
})

test('the share of a backend that refuses connections goes to the others', async () => {
  const { discovery, send } = await startSplit({ v1: 1, v2: 1 })
  discovery.set(authorityOf('v2'), resolved('v2', [1]))
  expect(await send(20)).toEqual({ v1: 20 })
})

test('when no backend exists, requests fail and are told of which', async () => {
  const { client, send } = await startSplit({ gone: 1 })
  expect(await send(1)).toEqual({ 502: 1 })
  expect(client.received).toContain('l5d-proxy-error: No service gone.shop.svc.cluster.local:80')
})

test('requests wait for a backend that is not resolved yet, no longer than the failfast timeout', async () => {
  const { client, discovery, send } = await startSplit({ v1: 1, slow: 1 })
  discovery.set(authorityOf('slow'), { state: 'pending' })
  discovery.set(authorityOf('v1'), resolved('v1', []))
  client.send(GET)
  await new Promise(resolve => setImmediate(resolve))
  const { port } = await startRaw(cleanup, () => OK)
  discovery.set(authorityOf('slow'), resolved('slow', [port]))
  await client.receives('\r\n\r\nok')
  discovery.set(authorityOf('slow'), { state: 'pending' })
  expect(await send(1)).toEqual({ 504: 1 })
})

test('a failed attempt is sent again to another backend', async () => {
  const failed = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n'
  const { metrics, send } = await startSplit({ v1: 1, v2: 1 }, { v2: failed })
  expect(await send(30)).toEqual({ v1: 30 })
  expect(metrics()).toMatch(/^response_total\{.*dst_service="v2".*status_code="503"/m)
})
