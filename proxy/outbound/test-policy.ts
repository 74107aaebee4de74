import type { AccrualSettings } from '#lib/policy/outbound-policy.ts'
import type { ServiceBackend, ServicePolicy, ServiceRule } from '#proxy/discovery/discovery.ts'
import { servicePolicy } from '#proxy/discovery/service-policy.ts'
import { AUTHORITY } from './test-outbound.ts'

const SERVICE = { group: 'core', kind: 'Service', namespace: 'shop', name: 'app', port: 80, section: '' }
const ROUTE = { group: '', kind: 'default', namespace: '', name: 'http', port: 0, section: '' }

/** A backend of a route, `app` itself where nothing else is said; both are known by the names in their labels. */
export function backend({
  name = 'app',
  route = 'http',
  kind = 'http',
  ...more
}: Partial<ServiceBackend> & { name?: string; route?: string; kind?: 'http' | 'grpc' }): ServiceBackend {
  return {
    authority: AUTHORITY,
    weight: 1,
    filters: [],
    responseEdits: [],
    timeoutMs: null,
    labels: { kind, parent: SERVICE, route: { ...ROUTE, name: route }, backend: { ...SERVICE, name } },
    ...more,
  }
}

/** A rule for every request that asks for nothing. */
export function rule(more: Partial<ServiceRule>): ServiceRule {
  return {
    matches: [],
    filters: [],
    responseEdits: [],
    allowsRequestHeaders: false,
    backends: [backend({})],
    retry: null,
    requestTimeoutMs: null,
    responseTimeoutMs: null,
    idleTimeoutMs: null,
    ...more,
  }
}

export function policyOf(
  rules: readonly ServiceRule[],
  failureAccrual: AccrualSettings | null = null,
): ServicePolicy {
  return servicePolicy([{ hosts: [], rules }], failureAccrual)
}
