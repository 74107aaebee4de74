import { type Duration, durationMs } from '@bufbuild/protobuf/wkt'
import type {
  Http2ClientParams,
  TlsIdentity,
  WeightedAddr,
  WeightedAddrSet,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import type { TcpAddress } from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'
import { ipText } from '#lib/mesh-api/ip-text.ts'
import type { Http2Settings } from '#proxy/http2/session-options.ts'
import type { Endpoint } from './discovery.ts'

const MAX_WINDOW_BYTES = 2 ** 31 - 1
const MIN_FRAME_BYTES = 2 ** 14
const MAX_FRAME_BYTES = 2 ** 24 - 1
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Endpoints of an update; addresses that cannot be read are left out. */
export function endpointsFromProto(set: WeightedAddrSet): readonly Endpoint[] {
  return set.addrs.flatMap(weighted => endpoint(weighted, set.metricLabels) ?? [])
}

/** `ip:port`, as an endpoint's `address` spells it; `null` when the message holds no address. */
export function addressFromProto(tcp: TcpAddress | undefined): string | null {
  const ip = tcp?.ip === undefined ? null : ipText(tcp.ip)
  return tcp === undefined || ip === null ? null : addressText(ip, tcp.port)
}

function endpoint(weighted: WeightedAddr, setLabels: Readonly<Record<string, string>>): Endpoint | null {
  const { addr, http2, protocolHint, tlsIdentity, metricLabels } = weighted
  const ip = addr?.ip === undefined ? null : ipText(addr.ip)
  if (addr === undefined || ip === null) return null
  return {
    address: addressText(ip, addr.port),
    ip,
    port: addr.port,
    labels: sorted({ ...setLabels, ...metricLabels }),
    tls: tlsIdentity === undefined ? null : tlsFromProto(tlsIdentity),
    inboundPort: protocolHint?.opaqueTransport?.inboundPort ?? null,
    http2: protocolHint?.protocol.case === 'h2',
    ...(http2 !== undefined && { http2Settings: http2FromProto(http2) }),
  }
}

/** What it says, within what HTTP/2 allows. Zero, and what is left out, say nothing. */
function http2FromProto({ flowControl, internals, keepAlive }: Http2ClientParams): Partial<Http2Settings> {
  const intervalMs = positiveMs(keepAlive?.interval)
  const timeoutMs = positiveMs(keepAlive?.timeout)
  const streamWindowBytes = flowControl?.initialStreamWindowSize ?? 0
  const connectionWindowBytes = flowControl?.initialConnectionWindowSize ?? 0
  const maxFrameBytes = internals?.maxFrameSize ?? 0
  return {
    ...(streamWindowBytes > 0 && { streamWindowBytes: Math.min(MAX_WINDOW_BYTES, streamWindowBytes) }),
    ...(connectionWindowBytes > 0 && {
      connectionWindowBytes: Math.min(MAX_WINDOW_BYTES, connectionWindowBytes),
    }),
    ...(maxFrameBytes >= MIN_FRAME_BYTES && { maxFrameBytes: Math.min(MAX_FRAME_BYTES, maxFrameBytes) }),
    ...(intervalMs !== null &&
      timeoutMs !== null && {
        keepAlive: { intervalMs, timeoutMs, whileIdle: keepAlive?.whileIdle === true },
      }),
  }
}

function positiveMs(duration: Duration | undefined): number | null {
  const ms = duration === undefined ? 0 : durationMs(duration)
  return ms > 0 && ms <= LONGEST_TIMER_MS ? ms : null
}

/** A URI identity has no name to ask for of its own, so that one without a server name cannot be used. */
function tlsFromProto({ strategy, serverName }: TlsIdentity): Endpoint['tls'] {
  switch (strategy.case) {
    case 'dnsLikeIdentity': {
      const { name } = strategy.value
      return { serverId: name, serverName: serverName?.name ?? name }
    }
    case 'uriLikeIdentity':
      return serverName === undefined ? null : { serverId: strategy.value.uri, serverName: serverName.name }
    case undefined:
      return null
  }
}

function addressText(ip: string, port: number): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`
}

function sorted(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}
