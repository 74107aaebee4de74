import { matchesLabels } from '#lib/resources/match-labels.ts'
import type { AuthorizationPolicy, Server, ServerAuthorization } from '#lib/resources/policy-objects.ts'
import { EVERYWHERE } from './default-policy.ts'
import { namedPolicy } from './named-policy.ts'
import {
  accountIdentity,
  authorizationsOf,
  byName,
  identities,
  type PolicyMesh,
  policyRef,
} from './policy-authentication.ts'
import { resourceRateLimit } from './resource-rate-limit.ts'
import { resourceRoutes } from './resource-routes.ts'
import type { Authorization, ServerPolicy } from './server-policy.ts'

/**
 * Who may use a port that a Server describes: the ServerAuthorizations and AuthorizationPolicies of its namespace that
 * mean this Server, in the order of their names, and then what its access policy lets in; the HTTPRoutes whose parent it
 * is; and how many requests it takes.
 */
export function resourcePolicy(
  mesh: PolicyMesh,
  server: Server,
  options: { readonly clusterNetworks: readonly string[]; readonly detectTimeoutMs: number },
): ServerPolicy {
  const { authorizationPolicies, serverAuthorizations } = mesh.policies
  return {
    server: policyRef('server', server.name),
    protocol: PROTOCOLS[server.proxyProtocol],
    detectTimeoutMs: options.detectTimeoutMs,
    authorizations: [
      ...byName(serverAuthorizations.filter(one => authorizes(one, server))).map(one => ofServer(one, mesh)),
      ...authorizationsOf(
        authorizationPolicies.filter(one => isAbout(one, server)),
        mesh,
      ),
      ...namedPolicy(server.accessPolicy, options).authorizations,
    ],
    routes: resourceRoutes(mesh, server),
    rateLimit: resourceRateLimit(mesh, server),
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

function authorizes(authorization: ServerAuthorization, server: Server): boolean {
  if (authorization.namespace !== server.namespace) return false
  const meant = authorization.server
  return 'name' in meant ? meant.name === server.name : matchesLabels(meant.selector, server.labels)
}

function ofServer({ client, name, networks }: ServerAuthorization, mesh: PolicyMesh): Authorization {
  return {
    ref: policyRef('serverauthorization', name),
    networks: networks ?? EVERYWHERE,
    authentication: clientAuthentication(client, mesh),
  }
}

function clientAuthentication(
  client: ServerAuthorization['client'],
  mesh: PolicyMesh,
): Authorization['authentication'] {
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
