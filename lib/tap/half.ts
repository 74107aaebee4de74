import {
  type Headers,
  type HttpMethod,
  HttpMethod_Registered,
  type Scheme,
  Scheme_Registered,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import type { TcpAddress } from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'
import { type TapEvent, TapEvent_ProxyDirection } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { ipText } from '#lib/mesh-api/ip-text.ts'
import type { Header } from './redact.ts'

type Labels = Readonly<Record<string, string>>

interface Address {
  readonly ip: string
  readonly port: number
}

/** What is known of a request when it begins, as one proxy saw it. */
export interface HalfStart {
  readonly kind: 'start'
  /** The how-many-th request of its stream, from 0. */
  readonly stream: number
  readonly direction: 'inbound' | 'outbound'
  readonly source: Address
  readonly destination: Address
  readonly sourceLabels: Labels
  readonly destinationLabels: Labels
  readonly routeLabels: Labels
  readonly method: string
  readonly scheme: string
  readonly authority: string
  readonly path: string
  readonly headers: readonly Header[]
}

export interface HalfResponse {
  readonly kind: 'response'
  readonly stream: number
  readonly latencyMs: number
  readonly status: number
  readonly headers: readonly Header[]
}

export interface HalfEnd {
  readonly kind: 'end'
  readonly stream: number
  /** Since the request began. */
  readonly durationMs: number
  readonly bytes: number
  readonly grpcStatus: number | null
  /** HTTP/2's code of a stream that broke off; `null` for one that ended well. */
  readonly resetCode: number | null
}

export type HalfEvent = HalfStart | HalfResponse | HalfEnd

/** What a proxy's message says; `null` for one that tells nothing of a request. */
export function readHalfEvent(message: TapEvent): HalfEvent | null {
  if (message.event.case !== 'http') return null
  const { event } = message.event.value
  switch (event.case) {
    case 'requestInit': {
      const { id, method, scheme, authority, path, headers } = event.value
      return {
        kind: 'start',
        stream: Number(id?.stream ?? 0n),
        direction: message.proxyDirection === TapEvent_ProxyDirection.INBOUND ? 'inbound' : 'outbound',
        source: addressOf(message.source),
        destination: addressOf(message.destination),
        sourceLabels: message.sourceMeta?.labels ?? {},
        destinationLabels: message.destinationMeta?.labels ?? {},
        routeLabels: message.routeMeta?.labels ?? {},
        method: methodText(method),
        scheme: schemeText(scheme),
        authority,
        path,
        headers: headersOf(headers),
      }
    }
    case 'responseInit': {
      const { id, sinceRequestInit, httpStatus, headers } = event.value
      return {
        kind: 'response',
        stream: Number(id?.stream ?? 0n),
        latencyMs: millisecondsOf(sinceRequestInit),
        status: httpStatus,
        headers: headersOf(headers),
      }
    }
    case 'responseEnd': {
      const { id, sinceRequestInit, responseBytes, eos } = event.value
      return {
        kind: 'end',
        stream: Number(id?.stream ?? 0n),
        durationMs: millisecondsOf(sinceRequestInit),
        bytes: Number(responseBytes),
        grpcStatus: eos?.end.case === 'grpcStatusCode' ? eos.end.value : null,
        resetCode: eos?.end.case === 'resetErrorCode' ? eos.end.value : null,
      }
    }
    case undefined:
      return null
  }
}

function addressOf(address: TcpAddress | undefined): Address {
  return { ip: (address?.ip && ipText(address.ip)) ?? '', port: address?.port ?? 0 }
}

function methodText(method: HttpMethod | undefined): string {
  if (method?.type.case === 'unregistered') return method.type.value
  return HttpMethod_Registered[method?.type.value ?? HttpMethod_Registered.GET] ?? ''
}

function schemeText(scheme: Scheme | undefined): string {
  if (scheme?.type.case === 'unregistered') return scheme.type.value
  return (Scheme_Registered[scheme?.type.value ?? Scheme_Registered.HTTP] ?? '').toLowerCase()
}

function millisecondsOf(duration: { readonly seconds: bigint; readonly nanos: number } | undefined): number {
  return duration === undefined ? 0 : Number(duration.seconds) * 1_000 + duration.nanos / 1e6
}

function headersOf(headers: Headers | undefined): Header[] {
  return (headers?.headers ?? []).map(({ name, value }) => ({ name, value: text(value) }))
}

/** One character for each byte, as HTTP's own field values are. */
function text(bytes: Uint8Array): string {
  let characters = ''
  for (const byte of bytes) characters += String.fromCharCode(byte)
  return characters
}
