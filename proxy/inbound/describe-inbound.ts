import type { PolicyRef } from '#lib/policy/server-policy.ts'
import type { TapDescription } from '#proxy/tap/tap-messages.ts'
import type { InboundHttpLabels, InboundLabels } from '#proxy/telemetry/telemetry.ts'
import type { InboundPeer } from './inbound-context.ts'

/** Between whom an inbound request goes, for taps: by which authorization, or which object refused it. */
export function describeInbound(
  peer: InboundPeer,
  labels: InboundLabels | InboundHttpLabels,
  authorization: PolicyRef | null,
  refusedBy: PolicyRef | null,
): TapDescription {
  const { server, targetIp, targetPort, tls } = labels
  return {
    direction: 'inbound',
    source: { ip: peer.ip, port: peer.clientPort },
    sourceLabels: sourceLabels(tls),
    destination: { ip: targetIp, port: targetPort },
    destinationLabels: {
      ...named('srv', server),
      srv_port: String(targetPort),
      ...('route' in labels && named('route', labels.route)),
      ...(authorization !== null && named('authz', authorization)),
      ...(refusedBy !== null && { policy: objectName(refusedBy) }),
      tls: 'loopback',
    },
    routeLabels: {},
  }
}

function sourceLabels(tls: InboundLabels['tls']): Readonly<Record<string, string>> {
  switch (tls.kind) {
    case 'server':
      return { tls: 'true', ...(tls.clientId !== '' && { client_id: tls.clientId }) }
    case 'client':
      return { tls: 'true', server_id: tls.serverId }
    case 'opaque':
      return { tls: 'opaque', sni: tls.serverName }
    case 'none':
      return { tls: tls.reason }
  }
}

/** `server/web` for a resource, `deny` for a default. */
function objectName({ kind, name }: PolicyRef): string {
  return kind === 'default' ? name : `${kind}/${name}`
}

function named(prefix: string, { group, kind, name }: PolicyRef): Readonly<Record<string, string>> {
  return { [`${prefix}_group`]: group, [`${prefix}_kind`]: kind, [`${prefix}_name`]: name }
}
