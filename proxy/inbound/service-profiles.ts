import { Code, createClient } from '@connectrpc/connect'
import { Destination, type DestinationProfile } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { compileRoutes } from '#lib/profile/compile-routes.ts'
import type { RouteTable } from '#lib/profile/route-table.ts'
import type { Config } from '#proxy/config.ts'
import type { ControlChannel } from '#proxy/control/control-channel.ts'
import { watchStream } from '#proxy/control/watch-stream.ts'
import { routesFromProto } from '#proxy/discovery/profile-from-proto.ts'
import type { Log } from '#proxy/log.ts'

/** Services whose profiles are watched at a time. */
const MAX_WATCHES = 64
const BACKOFF = { minMs: 100, maxMs: 5000 }

/** The routes of the services that requests from elsewhere name. */
export interface ServiceProfiles {
  /** `null` as long as nothing is known, and for what has no ServiceProfile with routes, or is no service's name. */
  routesOf(authority: string): RouteTable | null
  close(): Promise<void>
}

export interface ServiceProfilesOptions {
  readonly config: Pick<Config, 'clusterDomain' | 'destinationContext' | 'metricsRetainIdleMs'>
  readonly channel: ControlChannel
  readonly log: Log
  readonly random: () => number
  readonly nowMs: () => number
}

interface Watch {
  readonly stop: AbortController
  table: RouteTable | null
  askedAtMs: number
}

/**
 * Profiles from the control plane's Destination service, each watched from the first request that names its service.
 * Clients choose the names: only so many are watched, and one that nobody named for the idle time leaves when another
 * comes. Closing ends the watches, not the channel.
 */
export function createServiceProfiles(options: ServiceProfilesOptions): ServiceProfiles {
  const { config, nowMs } = options
  const watches = new Map<string, Watch>()
  const running = new Set<Promise<void>>()
  const start = (authority: string): Watch => {
    const watch: Watch = { stop: new AbortController(), table: null, askedAtMs: nowMs() }
    const ended = watchProfile(authority, watch, options).finally(() => running.delete(ended))
    running.add(ended)
    return watch
  }
  const forgetIdle = () => {
    for (const [authority, { askedAtMs, stop }] of watches) {
      if (nowMs() - askedAtMs < config.metricsRetainIdleMs) continue
      stop.abort()
      watches.delete(authority)
    }
  }
  const find = (authority: string): Watch | null => {
    const known = watches.get(authority)
    if (known !== undefined) return known
    forgetIdle()
    if (watches.size >= MAX_WATCHES) return null
    const watch = start(authority)
    watches.set(authority, watch)
    return watch
  }
  // Most requests name what the one before named.
  let lastName = ''
  let lastAuthority: string | null = null
  return {
    routesOf(name) {
      if (name !== lastName) lastAuthority = serviceAuthority(name, config.clusterDomain)
      lastName = name
      const watch = lastAuthority === null ? null : find(lastAuthority)
      if (watch === null) return null
      watch.askedAtMs = nowMs()
      return watch.table
    },
    async close() {
      for (const { stop } of watches.values()) stop.abort()
      watches.clear()
      await Promise.all(running)
    },
  }
}

async function watchProfile(
  authority: string,
  watch: Watch,
  { channel, config, log, random }: ServiceProfilesOptions,
): Promise<void> {
  const question = { path: authority, contextToken: config.destinationContext }
  await watchStream<DestinationProfile>(
    {
      open: signal => createClient(Destination, channel.transport()).getProfile(question, { signal }),
      onMessage: profile => {
        const specs = routesFromProto(profile)
        watch.table =
          specs.length === 0 ? null : compileRoutes(authority, specs, problem => log.warn(problem))
      },
      // What is known is kept while the control plane is away.
      onFailure: ({ code, isFinal }) => {
        if (isFinal || code === Code.NotFound) watch.table = null
      },
    },
    { backoff: BACKOFF, random, signal: watch.stop.signal },
  )
}

/**
 * The full name and port of `users.shop`, `users.shop.svc` or the full name, with or without a port; `null` for other
 * names, and for those of one label, whose namespace is the client's.
 */
export function serviceAuthority(name: string, clusterDomain: string): string | null {
  const match = /^([a-z0-9-]+\.[a-z0-9-]+)(\.svc(?:\.([a-z0-9.-]+?))?)?\.?(?::(\d{1,5}))?$/i.exec(name)
  if (match === null) return null
  const [, service = '', , domain = clusterDomain, port = '80'] = match
  if (domain.toLowerCase() !== clusterDomain) return null
  return `${service.toLowerCase()}.svc.${clusterDomain}:${Number(port)}`
}
