import type { Config } from '#proxy/config.ts'
import type { ControlChannel } from '#proxy/control/control-channel.ts'
import type { Log } from '#proxy/log.ts'
import type { Destination, Discovery } from './discovery.ts'
import { type PolicySource, WatchedDestination, type WatchOptions } from './watched-destination.ts'

/** Further authorities are answered as missing until others were released. */
const MAX_DESTINATIONS = 4096

export interface DiscoveryOptions {
  readonly config: Pick<Config, 'destinationContext' | 'discoveryIdleTimeoutMs' | 'profileTimeoutMs'>
  readonly channel: ControlChannel
  /** Who tells how to use services; `null`: nobody. */
  readonly policies: PolicySource | null
  readonly log: Log
  readonly random: () => number
}

interface Watch {
  readonly destination: WatchedDestination
  uses: number
  idleTimer: NodeJS.Timeout | null
}

/** Discovery from the control plane's Destination and OutboundPolicies services. Closing ends the watches, not the channels. */
export function createDiscovery({ config, channel, policies, log, random }: DiscoveryOptions): Discovery {
  const options: WatchOptions = {
    channel,
    policies,
    contextToken: config.destinationContext,
    backoff: { minMs: 100, maxMs: 5000 },
    profileTimeoutMs: config.profileTimeoutMs,
    random,
    log,
  }
  const watches = new Map<string, Watch>()
  const closing = new Set<Promise<void>>()

  const stop = (authority: string, watch: Watch): void => {
    watches.delete(authority)
    if (watch.idleTimer !== null) clearTimeout(watch.idleTimer)
    const closed = watch.destination.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }
  const start = (authority: string): Watch => {
    const watch = { destination: new WatchedDestination(authority, options), uses: 0, idleTimer: null }
    watches.set(authority, watch)
    return watch
  }
  const release = (authority: string, watch: Watch): void => {
    watch.uses--
    if (watch.uses > 0 || watches.get(authority) !== watch) return
    watch.idleTimer = setTimeout(() => stop(authority, watch), config.discoveryIdleTimeoutMs)
  }

  return {
    destination(authority) {
      const known = watches.get(authority)
      if (known === undefined && watches.size >= MAX_DESTINATIONS) return tooMany(authority)
      const watch = known ?? start(authority)
      watch.uses++
      if (watch.idleTimer !== null) clearTimeout(watch.idleTimer)
      watch.idleTimer = null
      let isReleased = false
      return {
        authority,
        current: () => watch.destination.current(),
        subscribe: listener => watch.destination.subscribe(listener),
        release() {
          if (isReleased) return
          isReleased = true
          release(authority, watch)
        },
      }
    },
    async close() {
      for (const [authority, watch] of watches) stop(authority, watch)
      await Promise.all(closing)
    },
  }
}

function tooMany(authority: string): Destination {
  return {
    authority,
    current: () => ({ state: 'missing', reason: `more than ${MAX_DESTINATIONS} destinations are watched` }),
    subscribe: () => () => {},
    release: () => {},
  }
}
