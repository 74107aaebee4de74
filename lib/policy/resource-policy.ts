import { identityName } from '#lib/resources/identity-name.ts'
import { matchesLabels } from '#lib/resources/match-labels.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type {
  AuthorizationPolicy,
  MeshTlsAuthentication,
  ObjectRef,
  PolicyObjects,
  Server,
  ServerAuthorization,
} from '#lib/resources/policy-objects.ts'
import { EVERYWHERE } from './default-policy.ts'
import { namedPolicy } from './named-policy.ts'
import type { Authorization, Network, PolicyRef, ServerPolicy } from './server-policy.ts'

const GROUP = 'policy.linkerd.io'

type Authentication = Authorization['authentication']

/** What identities are made of, and what the objects refer to. */
export type PolicyMesh = Pick<MeshState, 'policies' | 'trustDomain' | 'controlPlaneNamespace'>

/**
 * Who may use a port that a Server describes: the ServerAuthorizations and AuthorizationPolicies of its namespace that
 * mean this Server, in the order of their names, and then what its access policy lets in. An authorization with a
 * condition that cannot be kept lets nobody in, and is left out.
 */
export function resourcePolicy(
  mesh: PolicyMesh,
  server: Server,
  options: { readonly clusterNetworks: readonly string[]; readonly detectTimeoutMs: number },
): ServerPolicy {
  const { authorizationPolicies, serverAuthorizations } = mesh.policies
  return {
    server: ref('server', server.name),
    protocol: PROTOCOLS[server.proxyProtocol],
    detectTimeoutMs: options.detectTimeoutMs,
    authorizations: [
      ...byName(serverAuthorizations.filter(one => authorizes(one, server))).map(one => ofServer(one, mesh)),
      ...byName(authorizationPolicies.filter(one => isAbout(one, server))).flatMap(
        one => ofPolicy(one, mesh) ?? [],
      ),
      ...namedPolicy(server.accessPolicy, options).authorizations,
    ],
  }
}

const PROTOCOLS: Readonly<Record<Server['proxyProtocol'], ServerPolicy['protocol']>> = {
  unknown: 'detect',
  'HTTP/1': 'http1',
  'HTTP/2': 'http2',
  gRPC: 'grpc',
  opaque: 'opaque',
  TLS: 'tls',
}

function ref(kind: string, name: string): PolicyRef {
  return { group: GROUP, kind, name }
}

function byName<T extends { readonly name: string }>(objects: readonly T[]): readonly T[] {
  return objects.toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function authorizes(authorization: ServerAuthorization, server: Server): boolean {
  if (authorization.namespace !== server.namespace) return false
  const meant = authorization.server
  return 'name' in meant ? meant.name === server.name : matchesLabels(meant.selector, server.labels)
}

function ofServer({ client, name, networks }: ServerAuthorization, mesh: PolicyMesh): Authorization {
  return {
    ref: ref('serverauthorization', name),
    networks: networks ?? EVERYWHERE,
    authentication: clientAuthentication(client, mesh),
  }
}

function clientAuthentication(client: ServerAuthorization['client'], mesh: PolicyMesh): Authentication {
  switch (client.kind) {
    case 'unauthenticated':
      return { kind: 'unauthenticated' }
    case 'unauthenticated-tls':
      return { kind: 'tls' }
    case 'mesh': {
      const accounts = client.serviceAccounts.map(account => accountIdentity(account, mesh))
      return identities([...client.identities, ...accounts])
    }
  }
}

/** A policy's target is in its own namespace; a namespace as target means all its Servers. */
function isAbout({ namespace, targetRef }: AuthorizationPolicy, server: Server): boolean {
  if (namespace !== server.namespace) return false
  switch (targetRef.kind) {
    case 'Server':
      return targetRef.namespace === server.namespace && targetRef.name === server.name
    case 'Namespace':
      return targetRef.name === server.namespace
    default:
      return false
  }
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
  return { ref: ref('authorizationpolicy', policy.name), networks: from, authentication }
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
function identities(patterns: readonly string[]): Authentication {
  return {
    kind: 'identity',
    identities: patterns.filter(one => !one.startsWith('*')),
    suffixes: patterns.filter(one => one.startsWith('*')),
  }
}

function accountIdentity(
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
