import type {
  BalancerMetrics,
  EndpointCounts,
  ResourceLabels,
  Telemetry,
} from '#proxy/telemetry/telemetry.ts'

/** What one balancer counts of HTTP, and of connections that it passes on as they are. */
export interface BothBalancers {
  readonly http: BalancerMetrics
  readonly tcp: BalancerMetrics
}

/** Counters of the endpoints that serve what was asked of `parent`; each prints once it was used. */
export function balancersOf(telemetry: Telemetry, parent: string, backend: string): BothBalancers {
  const labels = { parent: serviceLabels(parent), backend: serviceLabels(backend) }
  return {
    http: telemetry.balancer({ kind: 'http', ...labels }),
    tcp: telemetry.balancer({ kind: 'tcp', ...labels }),
  }
}

export function attachBoth(
  { http, tcp }: BothBalancers,
  endpoints: () => EndpointCounts,
  failfastTimeoutMs: number,
): () => void {
  const detach = [http, tcp].map(one => one.attach(endpoints, failfastTimeoutMs))
  return () => {
    for (const one of detach) one()
  }
}

/** `cart.shop.svc.cluster.local:80` as the service it names. */
export function serviceLabels(authority: string): ResourceLabels {
  const [host = '', port = ''] = authority.split(':')
  const [name = '', namespace = ''] = host.split('.')
  return { group: 'core', kind: 'Service', namespace, name, port: Number(port), section: '' }
}
