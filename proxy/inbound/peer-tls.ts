import type { ClientConnection } from '#lib/policy/server-policy.ts'
import type { TlsLabels } from '#proxy/telemetry/telemetry.ts'
import type { InboundPeer } from './inbound-context.ts'

export function tlsLabels({ tls }: InboundPeer): TlsLabels {
  return tls.kind === 'mesh' ? { kind: 'server', clientId: tls.clientId } : tls
}

/** The peer as policy judges it: TLS that the app ends proves nothing to the proxy. */
export function clientOf({ ip, tls }: InboundPeer): ClientConnection {
  return { ip, tls: tls.kind === 'opaque' ? { kind: 'none', reason: 'tls_for_another_server' } : tls }
}
