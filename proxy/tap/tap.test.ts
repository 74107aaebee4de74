import { afterEach, describe, expect, test } from 'vitest'
import type { TapEvent } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { Route } from '#lib/profile/route-table.ts'
import { AUTHORITY, CATALOG, WEB } from '#proxy/accept/test-pair.ts'
import { allow } from '#proxy/accept/test-proxy.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { GET, httpOf, kindOf, startTappedPair, streamOf } from './test-taps.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('Tap/Observe', () => {
  test('tells a request at both proxies, in order and joined by its id', async () => {
    const { appPort, areOpen, connect, observe, outbound } = await startTappedPair(cleanup, (_, response) => {
      response.setHeader('X-App', 'yes')
      response.write('hello ')
      response.end('world')
    })
    const [inside, outside] = [observe.inbound({ limit: 1, headers: true }), observe.outbound({ limit: 1 })]
    await until(areOpen, 'both taps')
    const client = await connect()
    client.send(GET)
    await client.receives('world')
    await until(() => inside.state === 'ended' && outside.state === 'ended', 'the ends at the limit')
    const kinds = ['requestInit', 'responseInit', 'responseEnd']
    expect(inside.events.map(kindOf)).toEqual(kinds)
    expect(outside.events.map(kindOf)).toEqual(kinds)

    const [begin, head, end] = inside.events
    const init = httpOf(begin, 'requestInit')
    expect(init).toMatchObject({
      method: { type: { case: 'registered', value: 0 } },
      scheme: { type: { case: 'registered', value: 0 } },
      authority: 'catalog',
      path: '/books/1',
    })
    const names = (headers: typeof init.headers) => headers?.headers.map(({ name }) => name)
    expect(names(init.headers)).toEqual(['host', 'cookie', 'x-request-id', 'l5d-client-id'])
    const { headers, httpStatus, sinceRequestInit } = httpOf(head, 'responseInit')
    expect(httpStatus).toBe(200)
    expect(names(headers)).toContain('x-app')
    expect(Number(sinceRequestInit?.nanos)).toBeGreaterThan(0)
    expect(httpOf(end, 'responseEnd')).toMatchObject({
      responseBytes: 11n,
      eos: { end: { case: undefined } },
    })
    expect(begin?.destination?.port).toBe(appPort)
    expect(begin?.sourceMeta?.labels).toEqual({ tls: 'true', client_id: WEB })
    const { request_id: requestId, ...labels } = begin?.destinationMeta?.labels ?? {}
    expect(labels).toEqual({
      srv_group: '',
      srv_kind: 'default',
      srv_name: 'test',
      srv_port: String(appPort),
      route_group: '',
      route_kind: 'default',
      route_name: 'default',
      authz_group: '',
      authz_kind: 'default',
      authz_name: 'test',
      tls: 'loopback',
    })

    const first = outside.events[0]
    expect(httpOf(first, 'requestInit').headers).toBeUndefined()
    expect(first?.source).toMatchObject({ ip: { ip: { value: ipv4(outbound.address.host) } } })
    expect(first?.sourceMeta?.labels).toEqual({ tls: 'loopback' })
    expect(requestId).toMatch(/^[0-9a-f-]{36}$/)
    expect(first?.destinationMeta?.labels).toEqual({
      service: 'app',
      namespace: 'shop',
      tls: 'true',
      server_id: CATALOG,
      request_id: requestId,
    })
  })

  test('tells the route, and only what matches', async () => {
    const { areOpen, connect, discovery, endpoint, observe } = await startTappedPair(cleanup)
    const common = { isRetryable: false, timeoutMs: null, isFailure: () => null }
    const book: Route = { ...common, name: 'book', labels: { route: 'book' } }
    const other: Route = { ...common, name: '', labels: {} }
    const match = (_: string, path: string) => (path.startsWith('/books') ? book : other)
    discovery.set(AUTHORITY, {
      state: 'resolved',
      endpoints: [endpoint],
      routes: { authority: AUTHORITY, match },
    })
    const books = observe.outbound({
      limit: 1,
      match: { match: { case: 'routeLabel', value: { key: 'route', value: 'book' } } },
    })
    const served = observe.inbound({
      limit: 1,
      match: {
        match: {
          case: 'http',
          value: { match: { case: 'path', value: { match: { case: 'exact', value: '/books/1' } } } },
        },
      },
    })
    await until(areOpen, 'both taps')
    const client = await connect()
    client.send(`GET / HTTP/1.1\r\nHost: catalog\r\n\r\n${GET}`)
    await until(() => books.state === 'ended' && served.state === 'ended', 'the ends at the limit')
    expect(books.events.map(({ routeMeta }) => routeMeta?.labels.route)).toEqual(['book', 'book', 'book'])
    expect(httpOf(served.events[0], 'requestInit').path).toBe('/books/1')
  })

  test('tells what never reached the app with the status that the client saw', async () => {
    const { areOpen, connect, discovery, endpoint, observe, policies } = await startTappedPair(cleanup)
    const [inside, outside] = [observe.inbound({ limit: 1 }), observe.outbound({ limit: 4 })]
    await until(areOpen, 'both taps')
    policies.set({ ...allow({ kind: 'unauthenticated' }), authorizations: [] })
    const client = await connect()
    client.send(GET)
    await client.receives('403 Forbidden')
    client.send('GET / HTTP/1.1\r\nHost: nobody\r\n\r\n')
    await client.receives('502 Bad Gateway')
    discovery.set(AUTHORITY, {
      state: 'resolved',
      endpoints: [{ ...endpoint, inboundPort: 1 }],
      routes: null,
    })
    client.send(GET)
    await until(() => outside.events.length === 9, 'the failed connection')
    discovery.set(AUTHORITY, { state: 'resolved', endpoints: [], routes: null })
    const grpc = await connect()
    grpc.send(
      'POST /a.B/C HTTP/1.1\r\nHost: catalog\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n',
    )
    await until(() => outside.state === 'ended' && inside.state === 'ended', 'the ends at the limit')
    const statuses = (events: readonly TapEvent[]) =>
      events.flatMap(event =>
        kindOf(event) === 'responseInit' ? [httpOf(event, 'responseInit').httpStatus] : [],
      )
    expect(statuses(inside.events)).toEqual([403])
    expect(inside.events[0]?.destinationMeta?.labels).toMatchObject({ policy: 'test' })
    expect(statuses(outside.events)).toEqual([403, 502, 502, 200])
    expect(outside.events[3]?.destination).toBeUndefined()
    expect(httpOf(outside.events.at(-1), 'responseEnd').eos?.end).toEqual({
      case: 'grpcStatusCode',
      value: 4,
    })
  })

  test('tells what a rate limit refused, under its name', async () => {
    const { areOpen, connect, observe, policies } = await startTappedPair(cleanup)
    const inside = observe.inbound({ limit: 2 })
    observe.outbound({ limit: 2 })
    await until(areOpen, 'both taps')
    const ref = { group: 'policy.linkerd.io', kind: 'httplocalratelimitpolicy', name: 'calm' }
    policies.set({
      ...allow({ kind: 'unauthenticated' }),
      rateLimit: { ref, totalPerSecond: 1, identityPerSecond: null, overrides: [] },
    })
    const client = await connect()
    client.send(GET + GET)
    await client.receives('429 Too Many Requests')
    await until(() => inside.state === 'ended', 'the end at the limit')
    const refused = inside.events.flatMap(event =>
      kindOf(event) === 'responseInit' && httpOf(event, 'responseInit').httpStatus === 429
        ? [event.destinationMeta?.labels]
        : [],
    )
    expect(refused).toEqual([expect.objectContaining({ policy: 'httplocalratelimitpolicy/calm' })])
  })

  test.each([
    ['in the middle of an answer', 'partly', ['requestInit', 'responseInit', 'responseEnd']],
    ['before an answer', '', ['requestInit', 'responseEnd']],
  ])('tells a client that leaves %s as reset', async (_, answer, kinds) => {
    const { areOpen, connect, observe } = await startTappedPair(cleanup, (_request, response) => {
      if (answer !== '') response.write(answer)
    })
    const [inside, outside] = [observe.inbound({ limit: 1 }), observe.outbound({ limit: 1 })]
    await until(areOpen, 'both taps')
    const client = await connect()
    client.send(GET)
    await client.receives(answer)
    await until(() => inside.events.length === kinds.length - 1, 'the request at the callee')
    client.socket.resetAndDestroy()
    await until(() => inside.state === 'ended' && outside.state === 'ended', 'the ends at the limit')
    for (const { events } of [inside, outside]) {
      expect(events.map(kindOf)).toEqual(kinds)
      expect(httpOf(events.at(-1), 'responseEnd').eos?.end).toEqual({ case: 'resetErrorCode', value: 8 })
    }
  })

  test('tells an answer that the app breaks off as reset', async () => {
    const { areOpen, connect, observe } = await startTappedPair(cleanup, (_, response) => {
      response.write('partly')
      setImmediate(() => response.destroy())
    })
    const [inside, outside] = [observe.inbound({ limit: 1 }), observe.outbound({ limit: 1 })]
    await until(areOpen, 'both taps')
    const client = await connect()
    client.send(GET)
    await until(() => inside.state === 'ended' && outside.state === 'ended', 'the ends at the limit')
    for (const { events } of [inside, outside]) {
      expect(httpOf(events.at(-1), 'responseEnd').eos?.end).toEqual({ case: 'resetErrorCode', value: 2 })
    }
  })

  test('tells each request of a burst once at either side', async () => {
    const { areOpen, connect, observe } = await startTappedPair(cleanup)
    const [inside, outside] = [observe.inbound({ limit: 90 }), observe.outbound({ limit: 90 })]
    await until(areOpen, 'both taps')
    const clients = await Promise.all(Array.from({ length: 6 }, connect))
    for (const client of clients) client.send(GET.repeat(15))
    await until(() => inside.state === 'ended' && outside.state === 'ended', 'the ends at the limit')
    const ids = (events: readonly TapEvent[]) =>
      events
        .filter(event => kindOf(event) === 'requestInit')
        .map(event => event.destinationMeta?.labels.request_id)
    expect(new Set(ids(inside.events)).size).toBe(90)
    expect(new Set(ids(inside.events))).toEqual(new Set(ids(outside.events)))
    for (const { events } of [inside, outside]) {
      expect(events).toHaveLength(270)
      expect(new Set(events.map(event => `${streamOf(event)} ${kindOf(event)}`)).size).toBe(270)
    }
  })
})

function ipv4(text: string): number {
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0)
}
