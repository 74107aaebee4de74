import { matchesLabels } from '#lib/resources/match-labels.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import type { Server } from '#lib/resources/policy-objects.ts'

/**
 * The Server that describes an instance's port; `undefined` when none does. Of several, the first by name: the others
 * have no effect there.
 */
export function selectedServer(
  servers: readonly Server[],
  instance: Pick<Instance, 'namespace' | 'labels' | 'ports'>,
  port: number,
): Server | undefined {
  return servers
    .filter(
      server =>
        server.namespace === instance.namespace &&
        isPort(server.port, port, instance) &&
        matchesLabels(server.selector, instance.labels),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1))[0]
}

function isPort(named: number | string, port: number, { ports }: Pick<Instance, 'ports'>): boolean {
  if (typeof named === 'number') return named === port
  return ports.some(one => one.name === named && one.port === port)
}
