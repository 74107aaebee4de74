import {
  DEFAULT_POLICY_NAMES,
  defaultPolicy,
  defaultRef,
  isDefaultPolicyName,
} from '#lib/policy/default-policy.ts'
import type { ServerPolicy } from '#lib/policy/server-policy.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { isOpaque } from '#server/control/opaque-ports.ts'

const annotation = 'config.linkerd.io/default-inbound-policy'
const detectTimeoutMs = 10_000

export interface PolicyDefaults {
  /** Where neither the pod nor its namespace says another by annotation. */
  readonly defaultPolicy: string
  readonly clusterNetworks: readonly string[]
}

/** Names of the policies that a port can have by default. */
export const inboundPolicyNames: readonly string[] = [...DEFAULT_POLICY_NAMES, 'audit']

/** What is allowed on a port of an instance. An annotation that names no policy counts as not written. */
export function portPolicy(
  state: MeshState,
  instance: Instance,
  port: number,
  defaults: PolicyDefaults,
): ServerPolicy {
  const namespace = state.namespaces.find(({ name }) => name === instance.namespace)
  const said = [instance.annotations, namespace?.annotations ?? {}].map(each => each[annotation])
  const name =
    said.find(each => each !== undefined && inboundPolicyNames.includes(each)) ?? defaults.defaultPolicy
  const policy = policyByName(name, defaults.clusterNetworks)
  const opaque = isOpaque(port, [instance.annotations, namespace?.annotations ?? {}], instance.ports)
  return opaque ? { ...policy, protocol: 'opaque' } : policy
}

function policyByName(name: string, clusterNetworks: readonly string[]): ServerPolicy {
  const options = { clusterNetworks, detectTimeoutMs }
  if (isDefaultPolicyName(name)) return defaultPolicy(name, options)
  if (name === 'audit') {
    // Lets everything in, under a name of its own that shows what would be asked.
    const open = defaultPolicy('all-unauthenticated', options)
    const ref = defaultRef('audit')
    return { ...open, server: ref, authorizations: open.authorizations.map(one => ({ ...one, ref })) }
  }
  throw new RangeError(`Cannot use policy ${name}: expected one of ${inboundPolicyNames.join(', ')}`)
}
