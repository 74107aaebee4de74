import type { Endpoint } from '#proxy/discovery/discovery.ts'
import { type Connect, plainConnect } from '#proxy/tcp/connect.ts'
import { tlsConnect } from '#proxy/tcp/connect-tls.ts'
import { encodeTransportHeader, type TransportHeader } from '#proxy/tcp/transport-header.ts'
import type { OutboundContext } from './outbound-context.ts'

/** The way to an endpoint: in mesh TLS and with a transport header where discovery says so, else in plain TCP. */
export function connectEndpoint(
  endpoint: Endpoint,
  { config, identity, localAddress }: OutboundContext,
  sessionProtocol: TransportHeader['sessionProtocol'],
): Connect {
  const target = { host: endpoint.ip, localAddress, timeoutMs: config.outboundConnectTimeoutMs }
  if (endpoint.tls === null) return plainConnect({ ...target, port: endpoint.port })
  const transportHeader =
    endpoint.inboundPort === null
      ? null
      : encodeTransportHeader({ port: endpoint.port, name: '', sessionProtocol })
  return tlsConnect(
    {
      ...target,
      port: endpoint.inboundPort ?? endpoint.port,
      serverName: endpoint.tls.serverName,
      serverId: endpoint.tls.serverId,
      transportHeader,
    },
    identity,
  )
}
