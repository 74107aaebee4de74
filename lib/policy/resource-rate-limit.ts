import type { Server } from '#lib/resources/policy-objects.ts'
import { accountIdentity, byName, type PolicyMesh, policyRef } from './policy-authentication.ts'
import type { RateLimit } from './rate-limit.ts'

/** The limit that an HTTPLocalRateLimitPolicy sets for a Server; of several, the first by name. */
export function resourceRateLimit(mesh: PolicyMesh, server: Server): RateLimit | null {
  const [policy] = byName(
    mesh.policies.rateLimits.filter(
      ({ namespace, targetRef }) =>
        namespace === server.namespace &&
        targetRef.namespace === server.namespace &&
        targetRef.name === server.name,
    ),
  )
  if (policy === undefined) return null
  return {
    ref: policyRef('httplocalratelimitpolicy', policy.name),
    totalPerSecond: policy.totalRequestsPerSecond,
    identityPerSecond: policy.identityRequestsPerSecond,
    overrides: policy.overrides.map(({ requestsPerSecond, clientRefs }) => ({
      perSecond: requestsPerSecond,
      identities: clientRefs.map(client => accountIdentity(client, mesh)),
    })),
  }
}
