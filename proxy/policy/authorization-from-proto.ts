import type { Authn, Authz, Network as ProtoNetwork } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import type { Metadata } from '#lib/mesh-api/gen/io/linkerd/proxy/meta_pb.ts'
import type { IPNetwork } from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'
import { ipText } from '#lib/mesh-api/ip-text.ts'
import { defaultRef } from '#lib/policy/default-policy.ts'
import type { Authorization, Network, PolicyRef } from '#lib/policy/server-policy.ts'

/** Whom a message lets in; `null` for one that cannot be read, which lets nobody in. */
export function authorizationFromProto(authz: Authz): Authorization | null {
  const authentication = authz.authentication === undefined ? null : authenticationOf(authz.authentication)
  if (authentication === null) return null
  return {
    ref: refFromMetadata(authz.metadata) ?? refFromLabels(authz.labels),
    networks: authz.networks.flatMap(one => network(one) ?? []),
    authentication,
  }
}

function authenticationOf({ permit }: Authn): Authorization['authentication'] | null {
  if (permit.case === 'unauthenticated') return { kind: 'unauthenticated' }
  if (permit.case === undefined) return null
  const { clients } = permit.value
  switch (clients.case) {
    case 'unauthenticated':
      return { kind: 'tls' }
    case 'identities':
      return {
        kind: 'identity',
        identities: clients.value.identities.map(({ name }) => name),
        suffixes: clients.value.suffixes.map(({ parts }) => (parts.length === 0 ? '*' : parts.join('.'))),
      }
    case undefined:
      return null
  }
}

/** A network whose exception cannot be read would be too wide, and is none. */
function network({ net, except }: ProtoNetwork): Network | null {
  const cidr = net === undefined ? null : cidrText(net)
  const exceptions = except.map(cidrText)
  if (cidr === null || exceptions.includes(null)) return null
  return { cidr, except: exceptions.flatMap(one => one ?? []) }
}

function cidrText({ ip, prefixLen }: IPNetwork): string | null {
  const address = ip === undefined ? null : ipText(ip)
  if (address === null || prefixLen > (address.includes(':') ? 128 : 32)) return null
  return `${address}/${prefixLen}`
}

/** What metadata names; `null` when it names nothing. */
export function refFromMetadata(metadata: Metadata | undefined): PolicyRef | null {
  const kind = metadata?.kind
  switch (kind?.case) {
    case 'default':
      return defaultRef(kind.value)
    case 'resource':
      return { group: kind.value.group, kind: kind.value.kind, name: kind.value.name }
    case undefined:
      return null
  }
}

/** What the labels `group`, `kind` and `name` name. */
export function refFromLabels(labels: Readonly<Record<string, string>>): PolicyRef {
  return { group: labels.group ?? '', kind: labels.kind ?? 'default', name: labels.name ?? '' }
}
