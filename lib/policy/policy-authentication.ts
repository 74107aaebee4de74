import { identityName } from '#lib/resources/identity-name.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type {
  AuthorizationPolicy,
  MeshTlsAuthentication,
  ObjectRef,
  PolicyObjects,
} from '#lib/resources/policy-objects.ts'
import { EVERYWHERE } from './default-policy.ts'
import type { Authorization, Network, PolicyRef } from './server-policy.ts'

const GROUP = 'policy.linkerd.io'

type Authentication = Authorization['authentication']

/** What identities are made of, and what the objects refer to. */
export type PolicyMesh = Pick<MeshState, 'policies' | 'trustDomain' | 'controlPlaneNamespace'>

/** Names an object of Linkerd's policy kinds; `kind` in lower case, as labels have it. */
export function policyRef(kind: string, name: string): PolicyRef {
  return { group: GROUP, kind, name }
}

/** In the order of their names, which is the order in which they are asked. */
export function byName<T extends { readonly name: string }>(objects: readonly T[]): readonly T[] {
  return objects.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Those of these policies that let anyone in; one with a condition that cannot be kept lets nobody in. */
export function authorizationsOf(
  policies: readonly AuthorizationPolicy[],
  mesh: PolicyMesh,
): readonly Authorization[] {
  return byName(policies).flatMap(one => ofPolicy(one, mesh) ?? [])
}

/** One condition of either kind at most, as Linkerd has it; without any, everyone is let in. */
function ofPolicy(policy: AuthorizationPolicy, mesh: PolicyMesh): Authorization | null {
  const networks: (readonly Network[] | null)[] = []
  const authentications: (Authentication | null)[] = []
  for (const required of policy.requiredAuthenticationRefs) {
    if (required.kind === 'NetworkAuthentication') networks.push(networksOf(required, mesh.policies))
    else authentications.push(authenticationOf(required, mesh))
  }
  const [from = EVERYWHERE] = networks
  const [authentication = { kind: 'unauthenticated' } as const] = authentications
  if (networks.length > 1 || authentications.length > 1 || from === null || authentication === null)
    return null
  return { ref: policyRef('authorizationpolicy', policy.name), networks: from, authentication }
}

function networksOf(wanted: ObjectRef, { networkAuthentications }: PolicyObjects): readonly Network[] | null {
  return networkAuthentications.find(one => isNamed(one, wanted))?.networks ?? null
}

function authenticationOf(wanted: ObjectRef, mesh: PolicyMesh): Authentication | null {
  switch (wanted.kind) {
    case 'ServiceAccount':
      return identities([accountIdentity(wanted, mesh)])
    case 'MeshTLSAuthentication': {
      const found = mesh.policies.meshTlsAuthentications.find(one => isNamed(one, wanted))
      return found === undefined ? null : meshTls(found, mesh)
    }
    default:
      return null
  }
}

function meshTls(
  { identities: names, identityRefs }: MeshTlsAuthentication,
  mesh: PolicyMesh,
): Authentication {
  const referred = identityRefs.map(one =>
    one.kind === 'Namespace' ? `*.${identityEnd(one.name, mesh)}` : accountIdentity(one, mesh),
  )
  return identities([...names, ...referred])
}

/** `*` and `*.shop…` are suffixes, anything else is an identity. */
export function identities(patterns: readonly string[]): Authentication {
  return {
    kind: 'identity',
    identities: patterns.filter(one => !one.startsWith('*')),
    suffixes: patterns.filter(one => one.startsWith('*')),
  }
}

/** The identity of a ServiceAccount. */
export function accountIdentity(
  account: { readonly namespace: string; readonly name: string },
  mesh: PolicyMesh,
): string {
  const { controlPlaneNamespace, trustDomain } = mesh
  const { name: serviceAccount, namespace } = account
  return identityName({ serviceAccount, namespace, controlPlaneNamespace, trustDomain })
}

/** What all identities of a namespace end in. */
function identityEnd(namespace: string, { controlPlaneNamespace, trustDomain }: PolicyMesh): string {
  return `${namespace}.serviceaccount.identity.${controlPlaneNamespace}.${trustDomain}`
}

function isNamed(object: { readonly namespace: string; readonly name: string }, wanted: ObjectRef): boolean {
  return object.namespace === wanted.namespace && object.name === wanted.name
}
