import { Buffer } from 'node:buffer'
import type { MessageInitShape } from '@bufbuild/protobuf'
import {
  type Headers,
  type HeadersSchema,
  HttpMethod_Registered,
  type HttpMethodSchema,
  Scheme_Registered,
  type SchemeSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import {
  type EosSchema,
  type TapEvent,
  TapEvent_ProxyDirection,
} from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { tcpAddressMessage } from '#lib/mesh-api/ip-message.ts'
import { parseIp } from '#lib/policy/ip-address.ts'
import type { TapAddress } from '#lib/tap/tap-match.ts'
import type { HeaderBlock } from '#proxy/http/header-block.ts'
import type { TapEnd } from '#proxy/http/request-tap.ts'

type Labels = Readonly<Record<string, string>>

/** Between whom a request goes, told when it is known. */
export interface TapDescription {
  readonly direction: 'inbound' | 'outbound'
  readonly source: TapAddress
  readonly sourceLabels: Labels
  /** `null`: the request got no further than the proxy, or to a name outside the mesh. */
  readonly destination: TapAddress | null
  readonly destinationLabels: Labels
  readonly routeLabels: Labels
}

/** What all events of a request have in common. */
export function commonParts(description: TapDescription) {
  const { destination, destinationLabels, direction, routeLabels, source, sourceLabels } = description
  return {
    proxyDirection:
      direction === 'inbound' ? TapEvent_ProxyDirection.INBOUND : TapEvent_ProxyDirection.OUTBOUND,
    ...(isAddress(source) && { source: tcpAddressMessage(source.ip, source.port) }),
    ...(isAddress(destination) && { destination: tcpAddressMessage(destination.ip, destination.port) }),
    sourceMeta: { labels: { ...sourceLabels } },
    destinationMeta: { labels: { ...destinationLabels } },
    routeMeta: { labels: { ...routeLabels } },
  }
}

export function methodMessage(method: string): MessageInitShape<typeof HttpMethodSchema> {
  const registered = METHODS.get(method)
  return registered === undefined
    ? { type: { case: 'unregistered', value: method } }
    : { type: { case: 'registered', value: registered } }
}

export const HTTP_SCHEME: MessageInitShape<typeof SchemeSchema> = {
  type: { case: 'registered', value: Scheme_Registered.HTTP },
}

/** All headers that are passed on, the proxy's own among them, by lower-case names. */
export function headersMessage(headers: HeaderBlock | null): MessageInitShape<typeof HeadersSchema> {
  const entries = headers?.entries() ?? []
  return {
    headers: entries.map(([name, value]) => ({ name, value: Buffer.from(value, 'latin1') })),
  }
}

/** The bytes of an event's headers, path and authority, which are as large as the request makes them. */
export function headerBytes({ event }: TapEvent): number {
  const http = event.value?.event
  switch (http?.case) {
    case 'requestInit':
      return sizeOf(http.value.headers) + http.value.path.length + http.value.authority.length
    case 'responseInit':
      return sizeOf(http.value.headers)
    case 'responseEnd':
      return sizeOf(http.value.trailers)
    default:
      return 0
  }
}

function sizeOf(headers: Headers | undefined): number {
  return headers?.headers.reduce((sum, { name, value }) => sum + name.length + value.length, 0) ?? 0
}

export function eosMessage(end: TapEnd): MessageInitShape<typeof EosSchema> {
  if (end.kind === 'reset') return { end: { case: 'resetErrorCode', value: end.code } }
  const status = end.grpcStatus ?? ''
  return /^\d{1,9}$/.test(status) ? { end: { case: 'grpcStatusCode', value: Number(status) } } : {}
}

export function durationParts(ms: number): { seconds: bigint; nanos: number } {
  const micros = Math.round(ms * 1000)
  return { seconds: BigInt(Math.floor(micros / 1e6)), nanos: (micros % 1e6) * 1000 }
}

function isAddress(address: TapAddress | null): address is TapAddress {
  return address !== null && parseIp(address.ip) !== null
}

const METHODS = new Map(
  Object.entries(HttpMethod_Registered).flatMap(([name, value]) =>
    typeof value === 'number' ? [[name, value] as const] : [],
  ),
)
