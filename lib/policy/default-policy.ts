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

const EVERYWHERE: readonly Network[] = [
  { cidr: '0.0.0.0/0', except: [] },
  { cidr: '::/0', except: [] },
]

/** Lets in what the machine itself sends, whatever else a port's policy says. */
export const LOCALHOST_AUTHORIZATION: Authorization = {
  ref: defaultRef('localhost'),
  networks: [
    { cidr: '127.0.0.1/32', except: [] },
    { cidr: '::1/128', except: [] },
  ],
  authentication: { kind: 'unauthenticated' },
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
  return { server: ref, protocol: 'detect', detectTimeoutMs, authorizations }
}
