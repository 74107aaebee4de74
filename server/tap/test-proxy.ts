import { once } from 'node:events'
import { createSecureServer, type ServerHttp2Session } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import {
  type ObserveRequest,
  Tap,
  type TapEvent,
  type TapEvent_HttpSchema,
  TapEvent_ProxyDirection,
  TapEventSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { MemberCertificate } from '#server/control/identity/member-certificate.ts'

/** One request as a test proxy tells it. */
interface TestRequest {
  readonly direction: 'inbound' | 'outbound'
  readonly path: string
  readonly requestId?: string
  readonly source?: string
  readonly destination?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
  /** Neither its response nor its end is told. */
  readonly goesOn?: boolean
}

interface Stream {
  readonly request: ObserveRequest
  readonly queue: TapEvent[]
  told: number
  wake: () => void
  isEnded: boolean
}

/** A proxy's tap on a port of its own, over mutual TLS; it tells what the test says happened, whatever the match. */
export interface TestProxy {
  readonly port: number
  /** What was asked for, in order. */
  readonly asked: readonly ObserveRequest[]
  /** How many streams may still be told of a request. */
  open(): number
  /** Tells all streams of a whole request. */
  tell(request: TestRequest): void
  /** Takes a number of every stream for a request that is lost. */
  lose(): void
  /** Breaks off all connections, and takes new ones. */
  drop(): void
  close(): Promise<void>
}

export async function startTestProxy(
  host: string,
  port: number,
  certificate: MemberCertificate,
): Promise<TestProxy> {
  const streams = new Set<Stream>()
  const asked: ObserveRequest[] = []
  const handler = connectNodeAdapter({
    routes: router =>
      router.service(Tap, {
        async *observe(request, { signal }) {
          const stream: Stream = { request, queue: [], told: 0, wake: () => {}, isEnded: false }
          streams.add(stream)
          asked.push(request)
          signal.addEventListener('abort', () => {
            stream.isEnded = true
            stream.wake()
          })
          while (!stream.isEnded) {
            const event = stream.queue.shift()
            if (event) yield event
            else if (stream.told >= request.limit) break
            else
              await new Promise<void>(done => {
                stream.wake = done
              })
          }
          streams.delete(stream)
        },
      }),
  })
  const server = createSecureServer(
    {
      key: certificate.keyPem,
      cert: certificate.chainPem,
      ca: certificate.trustAnchorsPem,
      requestCert: true,
      minVersion: 'TLSv1.3',
    },
    handler,
  )
  const sessions = new Set<ServerHttp2Session>()
  server.on('session', session => {
    sessions.add(session)
    session.on('error', () => {})
  })
  server.listen(port, host)
  await once(server, 'listening')
  const hungry = () => [...streams].filter(({ told, request }) => told < request.limit)
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    open: () => hungry().length,
    tell(request) {
      for (const stream of hungry()) {
        stream.queue.push(...messages(request, stream.told++))
        stream.wake()
      }
    },
    lose() {
      for (const stream of hungry()) {
        stream.told++
        stream.wake()
      }
    },
    drop() {
      for (const session of sessions) session.destroy()
      sessions.clear()
    },
    close: () =>
      new Promise(done => {
        server.close(() => done())
        for (const session of sessions) session.destroy()
      }),
  }
}

function messages(request: TestRequest, number: number): TapEvent[] {
  const { direction, path, requestId, headers = {}, status = 200 } = request
  const id = { base: 1, stream: BigInt(number) }
  const message = (event: MessageInitShape<typeof TapEvent_HttpSchema>['event']): TapEvent =>
    create(TapEventSchema, {
      proxyDirection:
        direction === 'inbound' ? TapEvent_ProxyDirection.INBOUND : TapEvent_ProxyDirection.OUTBOUND,
      source: address(request.source ?? '127.0.0.1', 40_000),
      destination: address(request.destination ?? '127.0.0.1', 8080),
      sourceMeta: { labels: { ...(requestId && { request_id: requestId }), tls: 'true' } },
      destinationMeta: { labels: { tls: 'true' } },
      ...(event && { event: { case: 'http', value: { event } } }),
    })
  const duration = (ms: number) => ({ seconds: 0n, nanos: ms * 1e6 })
  const begin = message({
    case: 'requestInit',
    value: {
      id,
      path,
      authority: 'catalog',
      headers: {
        headers: Object.entries(headers).map(([name, value]) => ({ name, value: Buffer.from(value) })),
      },
    },
  })
  if (request.goesOn) return [begin]
  return [
    begin,
    message({
      case: 'responseInit',
      value: { id, sinceRequestInit: duration(2), httpStatus: status },
    }),
    message({
      case: 'responseEnd',
      value: { id, sinceRequestInit: duration(3), sinceResponseInit: duration(1), responseBytes: 5n },
    }),
  ]
}

function address(ip: string, port: number) {
  const value = ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)
  return { ip: { ip: { case: 'ipv4' as const, value } }, port }
}
