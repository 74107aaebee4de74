import { type RouteFinder, routeFinder } from '#lib/policy/find-route.ts'
import { RateLimiter } from '#lib/policy/rate-limiter.ts'
import type { ServerPolicy } from '#lib/policy/server-policy.ts'
import type { InboundPolicies } from '#proxy/policy/inbound-policies.ts'

/** A port's policy, ready to be applied; another object once the policy changed. */
export interface PortRules {
  readonly policy: ServerPolicy
  /** `null`: every request is of the default route. */
  readonly findRoute: RouteFinder | null
  readonly limiter: RateLimiter | null
}

/** The rules of the app's ports. What was counted toward a limit stays counted while the limit stays the same. */
export class RulesOfPorts {
  private readonly known = new Map<number, PortRules>()

  constructor(private readonly policies: InboundPolicies) {}

  forPort(port: number): PortRules {
    const policy = this.policies.forPort(port)
    const known = this.known.get(port)
    if (known?.policy === policy) return known
    const rules = {
      policy,
      findRoute: policy.routes.length === 0 ? null : routeFinder(policy.routes),
      limiter: known !== undefined && isSameLimit(known.policy, policy) ? known.limiter : limiterOf(policy),
    }
    this.known.set(port, rules)
    return rules
  }
}

function limiterOf({ rateLimit }: ServerPolicy): RateLimiter | null {
  return rateLimit === null ? null : new RateLimiter(rateLimit)
}

function isSameLimit(a: ServerPolicy, b: ServerPolicy): boolean {
  return JSON.stringify(a.rateLimit) === JSON.stringify(b.rateLimit)
}
