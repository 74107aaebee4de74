import { parseIp } from './ip-address.ts'
import type { Authorization, Network, PolicyRef, ServerPolicy } from './server-policy.ts'

/** The policies a port has by name alone, when no Server selects it. */
export const DEFAULT_POLICY_NAMES = [
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
] as const

export type DefaultPolicyName = (typeof DEFAULT_POLICY_NAMES)[number]

export function isDefaultPolicyName(name: string): name is DefaultPolicyName {
  return DEFAULT_POLICY_NAMES.some(known => known === name)
}

/** Labels of a built-in default: no group, kind `default`. */
export function defaultRef(name: string): PolicyRef {
  return { group: '', kind: 'default', name }
}

/** Every address of both IP versions. */
export const EVERYWHERE: readonly Network[] = [
  { cidr: '0.0.0.0/0', except: [] },
  { cidr: '::/0', except: [] },
]

/**
 * Lets in what the instance at these addresses sends itself, whatever else a port's policy says: from 127.0.0.1 and
 * ::1 where they are its own alone. Among instances with loopback addresses every process of the machine comes from
 * 127.0.0.1, so only the instance's address proves anything. `null`: no address does.
 */
export function localhostAuthorization(ownIps: readonly string[]): Authorization | null {
  const addresses = ownIps.map(parseIp)
  if (addresses.length === 0 || addresses.some(isShared)) return null
  const loopback = ownIps.filter((_, index) => addresses[index]?.[0] === 127)
  const local = loopback.length > 0 ? loopback : ['127.0.0.1', '::1']
  return {
    ref: defaultRef('localhost'),
    networks: local.map(cidr => ({ cidr, except: [] })),
    authentication: { kind: 'unauthenticated' },
  }
}

/** Whether the address is anyone's: unreadable, unspecified, or the machine's first loopback address. */
function isShared(address: Uint8Array | null): boolean {
  if (address === null) return true
  const [first] = address
  const last = address.at(-1)
  if (address.subarray(1, -1).some(byte => byte !== 0)) return false
  return first === 127 ? last === 1 : first === 0 && (last === 0 || (last === 1 && address.length === 16))
}

/**
 * The built-in policy of that name: protocol detected, one authorization (none for `deny`). The `cluster-*` ones
 * let in `clusterNetworks` (CIDRs), the `all-*` ones every address; `*-authenticated` wants any mesh identity.
 */
export function defaultPolicy(
  name: DefaultPolicyName,
  { clusterNetworks, detectTimeoutMs }: { clusterNetworks: readonly string[]; detectTimeoutMs: number },
): ServerPolicy {
  const ref = defaultRef(name)
  const networks = name.startsWith('cluster-')
    ? clusterNetworks.map(cidr => ({ cidr, except: [] }))
    : EVERYWHERE
  const authentication: Authorization['authentication'] = name.endsWith('-authenticated')
    ? { kind: 'identity', identities: [], suffixes: ['*'] }
    : { kind: 'unauthenticated' }
  const authorizations = name === 'deny' ? [] : [{ ref, networks, authentication }]
  return { server: ref, protocol: 'detect', detectTimeoutMs, authorizations, routes: [], rateLimit: null }
}
