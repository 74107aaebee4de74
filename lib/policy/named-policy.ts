import { defaultPolicyNames } from '#lib/resources/policy-objects.ts'
import { defaultPolicy, defaultRef, isDefaultPolicyName } from './default-policy.ts'
import type { ServerPolicy } from './server-policy.ts'

/**
 * The policy that a port without a Server has by this name; `audit` lets everything in, under a name of its own that
 * shows what would be asked. Throws a `RangeError` for another name.
 */
export function namedPolicy(
  name: string,
  options: { readonly clusterNetworks: readonly string[]; readonly detectTimeoutMs: number },
): ServerPolicy {
  if (isDefaultPolicyName(name)) return defaultPolicy(name, options)
  if (name === 'audit') {
    const open = defaultPolicy('all-unauthenticated', options)
    const ref = defaultRef('audit')
    return { ...open, server: ref, authorizations: open.authorizations.map(one => ({ ...one, ref })) }
  }
  throw new RangeError(`Cannot use policy ${name}: expected one of ${defaultPolicyNames.join(', ')}`)
}
