import { defineKind } from './manifest-kind.ts'
import { objectRef, policyGroup, refIn } from './policy-fields.ts'
import { dnsSubdomain, integer } from './scalars.ts'
import { anything, list, object, optional, required } from './shape.ts'

const requestsPerSecond = required(integer(1, 0xffff_ffff))
const limit = object({ requestsPerSecond })

const spec = object({
  targetRef: required(objectRef(`${policyGroup}/Server`)),
  total: optional(limit),
  identity: optional(limit),
  overrides: optional(
    list(object({ requestsPerSecond, clientRefs: required(list(objectRef('/ServiceAccount'), 1)) })),
  ),
})

export const rateLimitKind = defineKind({
  kind: 'HTTPLocalRateLimitPolicy',
  apiVersions: [`${policyGroup}/v1alpha1`],
  name: dnsSubdomain,
  spec: required(spec),
  status: optional(anything),
  build: ({ meta, spec }) => ({
    namespace: meta.namespace,
    name: meta.name,
    targetRef: refIn(spec.targetRef, meta.namespace),
    totalRequestsPerSecond: spec.total?.requestsPerSecond ?? null,
    identityRequestsPerSecond: spec.identity?.requestsPerSecond ?? null,
    overrides: (spec.overrides ?? []).map(one => ({
      requestsPerSecond: one.requestsPerSecond,
      clientRefs: one.clientRefs.map(ref => refIn(ref, meta.namespace)),
    })),
  }),
  list: into => into.rateLimits,
})
