import type { TapAddress } from '#lib/tap/tap-match.ts'
import type { Endpoint } from '#proxy/discovery/discovery.ts'
import type { TapDescription } from '#proxy/tap/tap-messages.ts'

/**
 * Between whom an outbound request goes, for taps. `endpoint` is `null` for a request that got to none; `attempt`
 * counts how often the request was sent, from 1.
 */
export function describeOutbound({
  source,
  endpoint,
  routeLabels = {},
  attempt = 1,
}: {
  source: TapAddress
  endpoint: Pick<Endpoint, 'ip' | 'port' | 'labels' | 'tls'> | null
  routeLabels?: Readonly<Record<string, string>>
  attempt?: number
}): TapDescription {
  return {
    direction: 'outbound',
    source,
    sourceLabels: { tls: 'loopback' },
    destination: endpoint,
    destinationLabels: {
      ...(endpoint !== null && { ...endpoint.labels, ...tlsLabels(endpoint) }),
      ...(attempt > 1 && { attempt: String(attempt) }),
    },
    routeLabels,
  }
}

function tlsLabels({ tls }: Pick<Endpoint, 'tls'>): Readonly<Record<string, string>> {
  return tls === null
    ? { tls: 'not_provided_by_service_discovery' }
    : { tls: 'true', server_id: tls.serverId }
}
