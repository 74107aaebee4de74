import { AuthorityStack } from './authority-stack.ts'
import type { OutboundContext } from './outbound-context.ts'

/** Authorities in use at a time. */
const MAX_STACKS = 4096

/** The stacks of all authorities in use. One that nothing used for the discovery idle timeout is closed. */
export class AuthorityStacks {
  private readonly stacks = new Map<string, AuthorityStack>()
  private readonly sweeper: ReturnType<typeof setTimeout>

  constructor(private readonly context: OutboundContext) {
    const idleMs = context.config.discoveryIdleTimeoutMs
    this.sweeper = setInterval(() => this.sweep(performance.now() - idleMs), idleMs)
    this.sweeper.unref()
  }

  /** The stack of an authority (FQDN and port), made when there is none; `null` when there are too many. */
  get(authority: string): AuthorityStack | null {
    const known = this.stacks.get(authority)
    if (known !== undefined) return known
    if (this.stacks.size >= MAX_STACKS) return null
    const stack = new AuthorityStack(this.context, this.context.discovery.destination(authority))
    this.stacks.set(authority, stack)
    return stack
  }

  close(): void {
    clearInterval(this.sweeper)
    for (const stack of this.stacks.values()) stack.close()
    this.stacks.clear()
  }

  private sweep(unusedSinceMs: number): void {
    for (const [authority, stack] of this.stacks) {
      if (!stack.isIdle || stack.lastUsedMs > unusedSinceMs) continue
      this.stacks.delete(authority)
      stack.close()
    }
  }
}
