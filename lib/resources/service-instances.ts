import { hasLabels } from './match-labels.ts'
import type { Instance, MeshState, Service } from './mesh-state.ts'

/** The instances of its own namespace that a service selects and that have an address; none for an empty selector. */
export function serviceInstances(state: Pick<MeshState, 'instances'>, service: Service): Instance[] {
  if (Object.keys(service.selector).length === 0) return []
  return state.instances.filter(
    instance =>
      instance.namespace === service.namespace &&
      instance.ip !== '' &&
      hasLabels(service.selector, instance.labels),
  )
}

/**
 * Where an instance listens for a service's port. A port that the service does not list is taken as it is, as
 * Linkerd does; `undefined` when the service names a port that the instance does not have.
 */
export function targetPort(service: Service, port: number, instance: Instance): number | undefined {
  const listed = service.ports.find(candidate => candidate.port === port)
  if (listed === undefined) return port
  if (typeof listed.targetPort === 'number') return listed.targetPort
  return instance.ports.find(candidate => candidate.name === listed.targetPort)?.port
}
