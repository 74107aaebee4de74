import type { Instance } from '#lib/resources/mesh-state.ts'
import { defaultRef, EVERYWHERE } from './default-policy.ts'
import { DEFAULT_ROUTE, type PolicyRoute } from './policy-route.ts'

/**
 * Lets everyone ask what the platform asks of the instance's port, as Linkerd does where no HTTPRoute says otherwise:
 * a route for its probes beside the one for all else. Empty for a port without probes.
 */
export function probeRoutes({ probes = [] }: Pick<Instance, 'probes'>, port: number): readonly PolicyRoute[] {
  const paths = new Set(probes.filter(probe => probe.port === port).map(({ path }) => pathOf(path)))
  if (paths.size === 0) return []
  const probe = defaultRef('probe')
  const matches = [...paths].map(value => ({
    path: { type: 'Exact' as const, value },
    headers: [],
    queryParams: [],
    method: 'GET',
  }))
  return [
    { ref: DEFAULT_ROUTE, hosts: [], authorizations: [], rules: [{ matches: [], filters: [] }] },
    {
      ref: probe,
      hosts: [],
      authorizations: [{ ref: probe, networks: EVERYWHERE, authentication: { kind: 'unauthenticated' } }],
      rules: [{ matches, filters: [] }],
    },
  ]
}

/** A probe's path may have a query, which a route's has not. */
function pathOf(path: string): string {
  const [plain = ''] = path.split('?')
  return plain.startsWith('/') ? plain : `/${plain}`
}
