import { defineKind } from './manifest-kind.ts'
import { cidrBlock, identityPattern, objectRef, policyGroup, refIn } from './policy-fields.ts'
import { dnsSubdomain } from './scalars.ts'
import { anything, checked, list, object, optional, required } from './shape.ts'

const meshTlsSpec = checked(
  object({
    identities: optional(list(identityPattern, 1)),
    identityRefs: optional(list(objectRef('/ServiceAccount', '/Namespace'), 1)),
  }),
  ({ identities, identityRefs }) =>
    (identities === undefined) === (identityRefs === undefined)
      ? `expected either identities or identityRefs, found ${identities === undefined ? 'neither' : 'both'}`
      : undefined,
)

export const meshTlsAuthenticationKind = defineKind({
  kind: 'MeshTLSAuthentication',
  apiVersions: [`${policyGroup}/v1alpha1`],
  name: dnsSubdomain,
  spec: required(meshTlsSpec),
  status: optional(anything),
  build: ({ meta, spec }) => ({
    namespace: meta.namespace,
    name: meta.name,
    identities: spec.identities ?? [],
    identityRefs: (spec.identityRefs ?? []).map(ref => refIn(ref, meta.namespace)),
  }),
  list: into => into.meshTlsAuthentications,
})

export const networkAuthenticationKind = defineKind({
  kind: 'NetworkAuthentication',
  apiVersions: [`${policyGroup}/v1alpha1`],
  name: dnsSubdomain,
  spec: required(object({ networks: required(list(cidrBlock, 1)) })),
  status: optional(anything),
  build: ({ meta, spec }) => ({ namespace: meta.namespace, name: meta.name, networks: spec.networks }),
  list: into => into.networkAuthentications,
})
