import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { createClient } from '@connectrpc/connect'
import grpc from '@grpc/grpc-js'
import {
  type ObserveRequest_MatchSchema,
  ObserveRequestSchema,
  Tap,
  type TapEvent,
  TapEventSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { TestAuthority } from '#proxy/accept/test-identity.ts'
import { CATALOG, startPair, WEB } from '#proxy/accept/test-pair.ts'
import { silentLog } from '#proxy/accept/test-proxy.ts'
import { type Cleanup, RawClient } from '#proxy/accept/test-sockets.ts'
import type { SocketAddress } from '#proxy/config.ts'
import { createControlChannel } from '#proxy/control/control-channel.ts'
import { startTapServer } from './tap-server.ts'

export const TAP = 'tap.linkerd-viz.serviceaccount.identity.linkerd.cluster.local'

type Match = MessageInitShape<typeof ObserveRequest_MatchSchema>
export const ANYTHING: Match = { match: { case: 'all', value: {} } }

export const GET = 'GET /books/1?page=2 HTTP/1.1\r\nHost: catalog\r\nCookie: secret\r\n\r\n'

/** A pair of proxies before an app that answers `ok` unless told otherwise, whose taps can be observed. */
export async function startTappedPair(
  cleanup: Cleanup,
  app: Parameters<typeof startPair>[1] = (_, response) => response.end('ok'),
) {
  const pair = await startPair(cleanup, app)
  const servers = await serveTaps(cleanup, pair)
  const observe = {
    inbound: gather.bind(null, servers.inbound.client),
    outbound: gather.bind(null, servers.outbound.client),
  }
  const areOpen = () => pair.taps.inbound.isActive && pair.taps.outbound.isActive
  const connect = () => RawClient.connect(cleanup, pair.outbound.address)
  return { ...pair, servers, observe, areOpen, connect }
}

/** A pair of proxies, and who observes each over mesh TLS. */
async function serveTaps(cleanup: Cleanup, pair: Awaited<ReturnType<typeof startPair>>) {
  const serve = async (side: 'inbound' | 'outbound') => {
    const server = await startTapServer({
      listen: { host: '127.0.0.1', port: 0 },
      clientName: TAP,
      identity: side === 'inbound' ? pair.identity : pair.webIdentity,
      taps: pair.taps[side],
      log: silentLog,
      nowMs: Date.now,
    })
    cleanup.add(server, one => one.close())
    const name = side === 'inbound' ? CATALOG : WEB
    return { ...server, client: tapClient(cleanup, { ...server.address, name }, pair.authority.certify(TAP)) }
  }
  return { inbound: await serve('inbound'), outbound: await serve('outbound') }
}

export function tapClient(
  cleanup: Cleanup,
  address: SocketAddress & { readonly name: string },
  certified: ReturnType<TestAuthority['certify']>,
) {
  const channel = cleanup.add(
    createControlChannel(address, () => certified.client),
    one => one.close(),
  )
  return createClient(Tap, channel.transport())
}

interface Gathered {
  readonly events: TapEvent[]
  state: 'open' | 'ended' | 'failed'
  cancel(): void
}

/** Keeps the events of an observation that runs until its limit or `cancel`. */
function gather(
  client: ReturnType<typeof tapClient>,
  { limit = 1000, match = ANYTHING, headers = false }: { limit?: number; match?: Match; headers?: boolean },
): Gathered {
  const stop = new AbortController()
  const gathered: Gathered = { events: [], state: 'open', cancel: () => stop.abort() }
  const extract = { extract: { case: 'http', value: { extract: { case: 'headers', value: {} } } } } as const
  const stream = client.observe({ limit, match, ...(headers && { extract }) }, { signal: stop.signal })
  const read = async (): Promise<void> => {
    for await (const event of stream) gathered.events.push(event)
  }
  read().then(
    () => {
      gathered.state = 'ended'
    },
    () => {
      gathered.state = 'failed'
    },
  )
  return gathered
}

/** What an event tells; throws when it is of another kind. */
export function httpOf<K extends string>(event: TapEvent | undefined, kind: K) {
  const http = event?.event.value?.event
  if (http?.case !== kind) throw new Error(`Expected ${kind}, got ${http?.case}`)
  return http.value as Extract<typeof http, { case: K }>['value']
}

/** What an event tells of its request, by kind. */
export function kindOf({ event }: TapEvent): string {
  return event.value?.event.case ?? 'none'
}

export function streamOf({ event }: TapEvent): string {
  const id = event.value?.event.value?.id
  return `${id?.base}/${id?.stream}`
}

/** An observation by another implementation of gRPC, which reads only while it is not paused. */
export function observeByGrpcJs(
  cleanup: Cleanup,
  { host, port }: SocketAddress,
  certified: ReturnType<TestAuthority['certify']>,
  limit: number,
): grpc.ClientReadableStream<TapEvent> {
  const client = new grpc.Client(
    `${host}:${port}`,
    grpc.credentials.createFromSecureContext(certified.client),
    {
      'grpc.ssl_target_name_override': CATALOG,
    },
  )
  cleanup.add(client, one => one.close())
  const call = client.makeServerStreamRequest<Uint8Array, TapEvent>(
    '/io.linkerd.proxy.tap.Tap/Observe',
    bytes => Buffer.from(bytes),
    bytes => fromBinary(TapEventSchema, bytes),
    toBinary(ObserveRequestSchema, create(ObserveRequestSchema, { limit, match: ANYTHING })),
  )
  call.on('error', () => {})
  return call
}
