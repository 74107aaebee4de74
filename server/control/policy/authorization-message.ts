import { create } from '@bufbuild/protobuf'
import {
  type Authn,
  AuthnSchema,
  type Authz,
  AuthzSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { type IPNetwork, IPNetworkSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/net_pb.ts'
import { ipMessage } from '#lib/mesh-api/ip-message.ts'
import type { Authorization, PolicyRef } from '#lib/policy/server-policy.ts'

/** Who is let in, as proxies are told it. */
export function authorizationMessage({ ref, networks, authentication }: Authorization): Authz {
  return create(AuthzSchema, {
    networks: networks.map(({ cidr, except }) => ({
      net: networkMessage(cidr),
      except: except.map(networkMessage),
    })),
    authentication: authenticationMessage(authentication),
    labels: { ...ref },
    metadata: { kind: metadataKind(ref) },
  })
}

/** Names an object, or a default, as proxies are told it. */
export function metadataKind({ group, kind, name }: PolicyRef) {
  return kind === 'default'
    ? { case: 'default' as const, value: name }
    : { case: 'resource' as const, value: { group, kind, name } }
}

function authenticationMessage(authentication: Authorization['authentication']): Authn {
  switch (authentication.kind) {
    case 'unauthenticated':
      return create(AuthnSchema, { permit: { case: 'unauthenticated', value: {} } })
    case 'tls':
      return create(AuthnSchema, {
        permit: { case: 'meshTLS', value: { clients: { case: 'unauthenticated', value: {} } } },
      })
    case 'identity': {
      const identities = authentication.identities.map(name => ({ name }))
      // A suffix of no parts holds every identity.
      const suffixes = authentication.suffixes.map(suffix => ({
        parts: suffix.split('.').filter(part => part !== '' && part !== '*'),
      }))
      return create(AuthnSchema, {
        permit: {
          case: 'meshTLS',
          value: { clients: { case: 'identities', value: { identities, suffixes } } },
        },
      })
    }
  }
}

function networkMessage(cidr: string): IPNetwork {
  const [ip = '', bits] = cidr.split('/')
  const prefixLen = bits === undefined ? (ip.includes(':') ? 128 : 32) : Number(bits)
  return create(IPNetworkSchema, { ip: ipMessage(ip), prefixLen })
}
