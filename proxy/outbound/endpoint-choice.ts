import type { ServiceRule } from '#proxy/discovery/discovery.ts'
import type { AuthorityStack, Target } from './authority-stack.ts'
import type { EndpointClient } from './endpoint-client.ts'

/** Endpoints an attempt is offered to when connections fail; nothing of it was sent to those that failed. */
const MAX_ENDPOINTS_TRIED = 3

/** Which endpoint each attempt of one request goes to. */
export class EndpointChoice {
  /** Where the attempt goes that was chosen for last. */
  target: Target | null = null
  /** Endpoints that the attempt cannot reach, and those that failed an earlier one. */
  private outOfReach: EndpointClient[] = []
  private readonly failing: EndpointClient[] = []

  constructor(
    private readonly stack: AuthorityStack,
    /** The identity that an endpoint must have; `null`: any. */
    private readonly requiredId: string | null,
  ) {}

  /** Returns whether another one may be tried. */
  unreachable(client: EndpointClient): boolean {
    this.outOfReach.push(client)
    return this.outOfReach.length < MAX_ENDPOINTS_TRIED
  }

  /** The attempt failed; the next one may reach what it could not. */
  failed(client: EndpointClient | null): void {
    if (client !== null) this.failing.push(client)
    this.outOfReach = []
  }

  /** An endpoint that failed an earlier attempt only when there is no other. */
  choose(rule: ServiceRule | null): EndpointClient | undefined {
    const { failing, outOfReach, requiredId } = this
    const nowMs = performance.now()
    const fits = (client: EndpointClient): boolean =>
      !outOfReach.includes(client) && (requiredId === null || client.endpoint.tls?.serverId === requiredId)
    if (failing.length === 0) return this.chooseFrom(rule, nowMs, fits)
    return (
      this.chooseFrom(rule, nowMs, client => fits(client) && !failing.includes(client)) ??
      this.chooseFrom(rule, nowMs, fits)
    )
  }

  private chooseFrom(
    rule: ServiceRule | null,
    nowMs: number,
    isEligible: (client: EndpointClient) => boolean,
  ): EndpointClient | undefined {
    const target = this.stack.choose(rule, nowMs, isEligible)
    if (target !== undefined) this.target = target
    return target?.backend.choose(nowMs, isEligible)
  }
}
