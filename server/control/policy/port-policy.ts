import { namedPolicy } from '#lib/policy/named-policy.ts'
import { probeRoutes } from '#lib/policy/probe-routes.ts'
import { resourcePolicy } from '#lib/policy/resource-policy.ts'
import { selectedServer } from '#lib/policy/selected-server.ts'
import type { ServerPolicy } from '#lib/policy/server-policy.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { defaultPolicyNames } from '#lib/resources/policy-objects.ts'
import { isOpaque } from '#server/control/opaque-ports.ts'

const annotation = 'config.linkerd.io/default-inbound-policy'
const detectTimeoutMs = 10_000

export interface PolicyDefaults {
  /** Where neither the pod nor its namespace says another by annotation. */
  readonly defaultPolicy: string
  readonly clusterNetworks: readonly string[]
}

/** Names of the policies that a port can have by default. */
export const inboundPolicyNames: readonly string[] = defaultPolicyNames

/**
 * What is allowed on a port of an instance: what the Server says that selects it, else the default policy. An
 * annotation that names no policy counts as not written.
 */
export function portPolicy(
  state: MeshState,
  instance: Instance,
  port: number,
  defaults: PolicyDefaults,
): ServerPolicy {
  const options = { clusterNetworks: defaults.clusterNetworks, detectTimeoutMs }
  const server = selectedServer(state.policies.servers, instance, port)
  if (server !== undefined) {
    const policy = resourcePolicy(state, server, options)
    return policy.routes.length > 0 ? policy : { ...policy, routes: probeRoutes(instance, port) }
  }
  const namespace = state.namespaces.find(({ name }) => name === instance.namespace)
  const said = [instance.annotations, namespace?.annotations ?? {}].map(each => each[annotation])
  const name =
    said.find(each => each !== undefined && inboundPolicyNames.includes(each)) ?? defaults.defaultPolicy
  const policy = { ...namedPolicy(name, options), routes: probeRoutes(instance, port) }
  const opaque = isOpaque(port, [instance.annotations, namespace?.annotations ?? {}], instance.ports)
  return opaque ? { ...policy, protocol: 'opaque' } : policy
}
