import { once } from 'node:events'
import tls from 'node:tls'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterEach, describe, expect, test } from 'vitest'
import type { TapEvent } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { Route } from '#lib/profile/route-table.ts'
import { TestAuthority } from '#proxy/accept/test-identity.ts'
import { AUTHORITY, CATALOG, startPair, WEB } from '#proxy/accept/test-pair.ts'
import { allow } from '#proxy/accept/test-proxy.ts'
import { Cleanup, RawClient, type startApp, until } from '#proxy/accept/test-sockets.ts'
import {
  ANYTHING,
  gather,
  kindOf,
  observeByGrpcJs,
  serveTaps,
  streamOf,
  TAP,
  tapClient,
} from './test-taps.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const GET = 'GET /books/1?page=2 HTTP/1.1\r\nHost: catalog\r\nCookie: secret\r\n\r\n'

async function start(
  handler: Parameters<typeof startApp>[1] = (_, response) => response.end('ok'),
  overrides: Parameters<typeof startPair>[2] = {},
) {
  const pair = await startPair(cleanup, handler, overrides)
  const servers = await serveTaps(cleanup, pair)
  const taps = {
    inbound: gather.bind(null, servers.inbound.client),
    outbound: gather.bind(null, servers.outbound.client),
  }
  const areOpen = () => pair.taps.inbound.isActive && pair.taps.outbound.isActive
  const connect = () => RawClient.connect(cleanup, pair.outbound.address)
  return { ...pair, servers, observe: taps, areOpen, connect }
}

function httpOf<K extends string>(event: TapEvent | undefined, kind: K) {
  const http = event?.event.value?.event
  if (http?.case !== kind) throw new Error(`Expected ${kind}, got ${http?.case}`)
  return http.value as Extract<typeof http, { case: K }>['value']
}

describe('Tap/Observe', () => {
  test('tells a request at both proxies, in order and joined by its id', async () => {
    const { appPort, areOpen, connect, observe, outbound } = await start((_, response) => {
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
    const { areOpen, connect, discovery, endpoint, observe } = await start()
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

  test('ends when the requests up to the limit are told, and counts those beyond', async () => {
    const held: (() => void)[] = []
    const { areOpen, connect, metrics, observe } = await start((request, response) => {
      if (request.url === '/held') held.push(() => response.end('late'))
      else response.end('ok')
    })
    const [inside] = [observe.inbound({ limit: 2 }), observe.outbound({ limit: 2 })]
    await until(areOpen, 'both taps')
    const [slow, quick] = [await connect(), await connect()]
    slow.send('GET /held HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await until(() => inside.events.length === 1, 'the first request')
    quick.send(GET + GET + GET)
    await until(
      () => metrics.inbound().includes('meshscope_tap_events_total{result="limit"} 2'),
      'two counts',
    )
    expect(inside.state).toBe('open')
    held[0]?.()
    await until(() => inside.state === 'ended', 'the end')
    expect(inside.events.map(event => `${kindOf(event)} ${streamOf(event).split('/')[1]}`)).toEqual([
      'requestInit 0',
      'requestInit 1',
      'responseInit 1',
      'responseEnd 1',
      'responseInit 0',
      'responseEnd 0',
    ])
    expect(metrics.inbound()).toContain('meshscope_tap_events_total{result="sent"} 6')
  })

  test('tells what never reached the app with the status that the client saw', async () => {
    const { areOpen, connect, discovery, endpoint, observe, policies } = await start()
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

  test.each([
    ['in the middle of an answer', 'partly', ['requestInit', 'responseInit', 'responseEnd']],
    ['before an answer', '', ['requestInit', 'responseEnd']],
  ])('tells a client that leaves %s as reset', async (_, answer, kinds) => {
    const { areOpen, connect, observe } = await start((_request, response) => {
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
    const { areOpen, connect, observe } = await start((_, response) => {
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

  test('lets in none but the tap identity of this mesh', async () => {
    const { authority, servers, taps } = await start()
    const address = { ...servers.inbound.address, name: CATALOG }
    const refusal = async (certified: ReturnType<TestAuthority['certify']>) => {
      const [event] = [tapClient(cleanup, address, certified).observe({ limit: 1, match: ANYTHING })]
      const error = await event[Symbol.asyncIterator]()
        .next()
        .then(
          () => null,
          (reason: unknown) => ConnectError.from(reason),
        )
      return error === null ? 'answered' : Code[error.code]
    }
    expect(await refusal(authority.certify(WEB))).toBe('PermissionDenied')
    expect(await refusal(new TestAuthority('another').certify(TAP, authority))).toMatch(
      /^(Canceled|Unavailable)$/,
    )
    const anonymous = tls.createSecureContext({ ca: authority.certificate.toString() })
    expect(await refusal({ server: anonymous, client: anonymous, expiresAtMs: 0 })).toBe('Unauthenticated')
    expect(taps.inbound.isActive).toBe(false)
  })

  test('refuses what it cannot serve', async () => {
    const { observe, servers, taps } = await start()
    const code = async (request: Parameters<typeof servers.inbound.client.observe>[0]) => {
      try {
        for await (const _ of servers.inbound.client.observe(request)) break
        return 'answered'
      } catch (error) {
        return Code[ConnectError.from(error).code]
      }
    }
    expect(await code({ limit: 0, match: ANYTHING })).toBe('InvalidArgument')
    expect(await code({ limit: 1 })).toBe('InvalidArgument')
    expect(await code({ limit: 1, match: {} })).toBe('InvalidArgument')
    const all = Array.from({ length: 16 }, () => observe.inbound({}))
    await expect
      .poll(() => code({ limit: 1, match: ANYTHING }), { timeout: 10_000 })
      .toBe('ResourceExhausted')
    for (const one of all) one.cancel()
    await until(() => !taps.inbound.isActive, 'the end of all taps')
  })

  test('frees everything when its client leaves, and counts what was not read', async () => {
    const { areOpen, connect, metrics, observe, taps } = await start((_, response) =>
      response.write('partly'),
    )
    const [inside, outside] = [observe.inbound({}), observe.outbound({})]
    await until(areOpen, 'both taps')
    const client = await connect()
    client.send(GET)
    await until(() => inside.events.length === 2 && outside.events.length === 2, 'the request')
    inside.cancel()
    outside.cancel()
    await until(() => !taps.inbound.isActive && !taps.outbound.isActive, 'the end of both taps')
    client.socket.resetAndDestroy()
    await until(() => metrics.inbound().includes('result="closed"} 1'), 'the count at the callee')
    await until(() => metrics.outbound().includes('result="closed"} 1'), 'the count at the caller')
  })

  test('leaves requests out whole, and counts them, while its client does not read', async () => {
    const { authority, connect, metrics, servers, taps } = await start()
    const call = observeByGrpcJs(cleanup, servers.inbound.address, authority.certify(TAP), 100_000)
    const seen = new Map<string, string[]>()
    let events = 0
    call.on('data', (event: TapEvent) => {
      events++
      seen.set(streamOf(event), [...(seen.get(streamOf(event)) ?? []), kindOf(event)])
    })
    call.pause()
    await until(() => taps.inbound.isActive, 'the tap')
    const client = await connect()
    const count = (result: string) =>
      Number(
        new RegExp(`meshscope_tap_events_total\\{result="${result}"\\} (\\d+)`).exec(
          metrics.inbound(),
        )?.[1] ?? 0,
      )
    let asked = 0
    while (count('buffer') < 50) {
      asked += 50
      client.received = ''
      client.send(GET.repeat(50))
      await until(() => client.received.split('HTTP/1.1 200').length === 51, '50 answers')
      expect(asked).toBeLessThan(20_000)
    }
    const told = asked - count('buffer')
    expect(told * 3 - count('sent')).toBeLessThanOrEqual(600)
    call.resume()
    await until(() => events === told * 3, 'every event of the requests that were told')
    expect(count('sent')).toBe(events)
    expect([...new Set([...seen.values()].map(kinds => kinds.join()))]).toEqual([
      'requestInit,responseInit,responseEnd',
    ])
    call.cancel()
    await until(() => !taps.inbound.isActive, 'the end of the tap')
  })

  test('tells each request of a burst once at either side', async () => {
    const { areOpen, connect, observe } = await start()
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

  test('shows each new connection the certificate of the moment', async () => {
    const { authority, identity, servers } = await start()
    const fingerprint = async () => {
      const socket = cleanup.add(
        tls.connect({
          ...servers.inbound.address,
          servername: CATALOG,
          ALPNProtocols: ['h2'],
          secureContext: authority.certify(TAP).client,
        }),
        one => one.destroy(),
      )
      await once(socket, 'secureConnect')
      expect(socket.getProtocol()).toBe('TLSv1.3')
      return socket.getPeerX509Certificate()?.fingerprint256
    }
    const first = await fingerprint()
    expect(await fingerprint()).toBe(first)
    identity.renew(authority.certify(CATALOG))
    expect(await fingerprint()).not.toBe(first)
  })
})

function ipv4(text: string): number {
  return text.split('.').reduce((value, part) => value * 256 + Number(part), 0)
}
