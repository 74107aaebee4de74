import type { ServerAuthorization } from '#lib/resources/policy-objects.ts'
import { defineKind } from './manifest-kind.ts'
import { cidrBlock, identityPattern, labelSelector, policyGroup } from './policy-fields.ts'
import { boolean, dnsLabel, dnsSubdomain } from './scalars.ts'
import { anything, checked, list, object, optional, required } from './shape.ts'

const server = checked(
  object({ name: optional(dnsSubdomain), selector: optional(labelSelector) }),
  ({ name, selector }) =>
    (name === undefined) === (selector === undefined)
      ? `expected either name or selector, found ${name === undefined ? 'neither' : 'both'}`
      : undefined,
)

const meshTls = checked(
  object({
    unauthenticatedTLS: optional(boolean),
    identities: optional(list(identityPattern)),
    serviceAccounts: optional(list(object({ name: required(dnsSubdomain), namespace: optional(dnsLabel) }))),
  }),
  ({ unauthenticatedTLS, identities, serviceAccounts }) => {
    const named = (identities ?? []).length + (serviceAccounts ?? []).length
    if (unauthenticatedTLS) {
      return named > 0 ? 'expected no identities beside unauthenticatedTLS, found some' : undefined
    }
    return named > 0 ? undefined : 'expected unauthenticatedTLS, identities or serviceAccounts, found none'
  },
)

const client = checked(
  object({
    networks: optional(list(cidrBlock, 1)),
    unauthenticated: optional(boolean),
    meshTLS: optional(meshTls),
  }),
  ({ unauthenticated, meshTLS }) =>
    (unauthenticated ?? false) === (meshTLS !== undefined)
      ? `expected either unauthenticated or meshTLS, found ${unauthenticated ? 'both' : 'neither'}`
      : undefined,
)

export const serverAuthorizationKind = defineKind({
  kind: 'ServerAuthorization',
  apiVersions: [`${policyGroup}/v1beta1`, `${policyGroup}/v1alpha1`],
  name: dnsSubdomain,
  spec: required(object({ server: required(server), client: required(client) })),
  status: optional(anything),
  build: ({ meta, spec }): ServerAuthorization => {
    const { networks, meshTLS } = spec.client
    return {
      namespace: meta.namespace,
      name: meta.name,
      server:
        spec.server.selector === undefined
          ? { name: spec.server.name ?? '' }
          : { selector: spec.server.selector },
      networks: networks ?? null,
      client:
        meshTLS === undefined
          ? { kind: 'unauthenticated' }
          : meshTLS.unauthenticatedTLS
            ? { kind: 'unauthenticated-tls' }
            : {
                kind: 'mesh',
                identities: meshTLS.identities ?? [],
                serviceAccounts: (meshTLS.serviceAccounts ?? []).map(one => ({
                  name: one.name,
                  namespace: one.namespace ?? meta.namespace,
                })),
              },
    }
  },
  list: into => into.serverAuthorizations,
})
