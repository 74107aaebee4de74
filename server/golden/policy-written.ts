import type { PolicyRow } from '#lib/api/policies.ts'
import { DEFAULT_POLICY_NAMES } from '#lib/policy/default-policy.ts'
import { describeClients } from '#lib/policy/describe-clients.ts'
import { resourcePolicy } from '#lib/policy/resource-policy.ts'
import type { Authorization } from '#lib/policy/server-policy.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { PolicyPort } from './policy-ports.ts'

/** An authorization as it is written: `object` as `kind/name`, and of which route, empty for the whole port. */
export interface WrittenAuthorization {
  readonly object: string
  readonly route: string
  readonly clients: readonly string[]
}

/** What objects of the mesh say of a port. */
export interface WrittenPolicy extends Pick<PolicyRow, 'protocol' | 'rateLimit'> {
  readonly authorizations: readonly WrittenAuthorization[]
  readonly routes: string[]
}

/** Nothing is written of a port that has a default policy but whom that lets in. */
export function writtenPolicy(state: MeshState, { object, server }: PolicyPort): WrittenPolicy {
  if (server === null) {
    const name = object.replace(/^default\//, '')
    const clients = object.startsWith('default/') ? defaultClients(name) : []
    const authorizations = clients.length === 0 ? [] : [{ object, route: '', clients }]
    return { protocol: 'unknown', rateLimit: null, routes: [], authorizations }
  }
  const policy = resourcePolicy(state, server, { clusterNetworks: [], detectTimeoutMs: 0 })
  const { rateLimit, routes } = policy
  return {
    protocol: server.proxyProtocol,
    rateLimit: rateLimit && {
      name: rateLimit.ref.name,
      totalPerSecond: rateLimit.totalPerSecond,
      identityPerSecond: rateLimit.identityPerSecond,
      overrides: rateLimit.overrides.length,
    },
    routes: routes.map(({ ref }) => ref.name),
    authorizations: [
      ...policy.authorizations.map(one => written(one, '')),
      ...routes.flatMap(({ authorizations, ref }) =>
        authorizations.map(one => written(one, `${ref.kind}/${ref.name}`)),
      ),
    ],
  }
}

function written(authorization: Authorization, route: string): WrittenAuthorization {
  const { kind, name } = authorization.ref
  const clients = kind === 'default' ? defaultClients(name) : [...describeClients(authorization)]
  return { object: `${kind}/${name}`, route, clients }
}

/** Whom a policy known by its name alone lets in. */
function defaultClients(name: string): string[] {
  if (name === 'audit') return ['anyone, to learn whom other policies would refuse']
  if (!DEFAULT_POLICY_NAMES.some(known => known === name) || name === 'deny') return []
  const from = name.startsWith('cluster-') ? ' from the cluster’s networks' : ''
  return [`${name.endsWith('-authenticated') ? 'any identity' : 'anyone'}${from}`]
}
