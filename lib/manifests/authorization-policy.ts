import { defineKind } from './manifest-kind.ts'
import { objectRef, policyGroup, refIn } from './policy-fields.ts'
import { dnsSubdomain } from './scalars.ts'
import { anything, list, object, optional, required } from './shape.ts'

const spec = object({
  targetRef: required(
    objectRef(
      `${policyGroup}/Server`,
      `${policyGroup}/HTTPRoute`,
      'gateway.networking.k8s.io/HTTPRoute',
      '/Namespace',
    ),
  ),
  requiredAuthenticationRefs: required(
    list(
      objectRef(
        `${policyGroup}/MeshTLSAuthentication`,
        `${policyGroup}/NetworkAuthentication`,
        '/ServiceAccount',
      ),
    ),
  ),
})

export const authorizationPolicyKind = defineKind({
  kind: 'AuthorizationPolicy',
  apiVersions: [`${policyGroup}/v1alpha1`],
  name: dnsSubdomain,
  spec: required(spec),
  status: optional(anything),
  build: ({ meta, spec }) => ({
    namespace: meta.namespace,
    name: meta.name,
    targetRef: refIn(spec.targetRef, meta.namespace),
    requiredAuthenticationRefs: spec.requiredAuthenticationRefs.map(ref => refIn(ref, meta.namespace)),
  }),
  list: into => into.authorizationPolicies,
})
