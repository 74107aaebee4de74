import type {
  TlsIdentity,
  WeightedAddr,
  WeightedAddrSet,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import type { TcpAddress } from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'
import { ipText } from '#lib/mesh-api/ip-text.ts'
import type { Endpoint } from './discovery.ts'

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
  const { addr, protocolHint, tlsIdentity, metricLabels } = weighted
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
  }
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
