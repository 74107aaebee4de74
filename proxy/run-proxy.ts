import { once } from 'node:events'
import { startAdmin } from './admin/admin.ts'
import { createReadiness } from './admin/readiness.ts'
import type { Config, SocketAddress } from './config.ts'
import { createControlChannel } from './control/control-channel.ts'
import { createDiscovery } from './discovery/control-discovery.ts'
import type { Identity } from './identity/identity.ts'
import { startIdentity } from './identity/renewing-identity.ts'
import { startInbound } from './inbound/inbound.ts'
import { createServiceProfiles } from './inbound/service-profiles.ts'
import type { Log } from './log.ts'
import { startOutbound } from './outbound/outbound.ts'
import { createInboundPolicies } from './policy/control-policies.ts'
import { startTapServer } from './tap/tap-server.ts'
import { Taps } from './tap/taps.ts'
import { readProcessStats } from './telemetry/process-stats.ts'
import { ProxyTelemetry } from './telemetry/proxy-telemetry.ts'
import { ownVersion } from './version.ts'

const UNCERTIFIED_WARNING_MS = 15_000

/**
 * Runs a proxy until `stop` is aborted, then drains it: no new connections, requests in progress end within the
 * grace period, and the last counts stay to be scraped. Traffic is served from the first certificate on.
 */
export async function runProxy(
  config: Config,
  { log, stop }: { log: Log; stop: AbortController },
): Promise<void> {
  const nowMs = Date.now
  const random = Math.random
  const telemetry = new ProxyTelemetry({
    nowMs,
    retainIdleMs: config.metricsRetainIdleMs,
    processStats: readProcessStats,
    build: { version: ownVersion(), gitSha: '', date: '' },
  })
  const calls = telemetry.control(config.identity)
  const identity = await startIdentity({ config: config.identity, log, nowMs, random, telemetry, calls })
  let isServing = false
  const serving = () => (stop.signal.aborted ? 'draining' : isServing ? 'serving' : 'starting')
  const admin = await startAdmin({
    listen: config.adminListen,
    notReady: createReadiness({ identity, serving, nowMs }),
    renderMetrics: () => telemetry.render(),
    environment: config.environment,
    shutdown: config.shutdownEndpoint ? () => stop.abort() : null,
    nowMs,
  })
  const credentials = () => identity.current()?.client ?? null
  const destinationChannel = createControlChannel(
    config.destination,
    credentials,
    telemetry.control(config.destination),
  )
  const policyChannel = createControlChannel(config.policy, credentials, telemetry.control(config.policy))
  const discovery = createDiscovery({
    config,
    channel: destinationChannel,
    policies: { channel: policyChannel, workload: config.policy.workload },
    log,
    random,
  })
  const stopped = stop.signal.aborted ? Promise.resolve() : once(stop.signal, 'abort')

  await untilCertified(identity, { stopped, log })
  if (!stop.signal.aborted) {
    const policies = createInboundPolicies({ config, channel: policyChannel, log, random })
    const profiles = createServiceProfiles({ config, channel: destinationChannel, log, random, nowMs })
    const taps = new Taps(telemetry)
    const inbound = await startInbound({ config, identity, policies, profiles, telemetry, taps, log })
    const outbound = await startOutbound({ config, identity, discovery, telemetry, taps, log })
    const { controlListen: listen, tapClientName: clientName } = config
    const tap =
      clientName === null ? null : await startTapServer({ listen, clientName, identity, taps, log, nowMs })
    isServing = true
    const where = {
      inbound: inbound.address,
      outbound: outbound.address,
      admin: admin.address,
      ...(tap !== null && { tap: tap.address }),
    }
    process.stdout.write(`proxy ready identity=${identity.name} ${addresses(where)}\n`)

    await stopped
    const endsAtMs = nowMs() + config.shutdownGracePeriodMs
    await inbound.drain(config.shutdownGracePeriodMs)
    // After inbound: a request in progress may still call others through outbound.
    await outbound.drain(Math.max(0, endsAtMs - nowMs()))
    await Promise.all([admin.lastScrape(), tap?.close()])
    await Promise.all([inbound.close(), outbound.close(), policies.close(), profiles.close()])
  }
  await Promise.all([discovery.close(), identity.close()])
  destinationChannel.close()
  policyChannel.close()
  await admin.close()
}

async function untilCertified(
  identity: Identity,
  { stopped, log }: { stopped: Promise<unknown>; log: Log },
): Promise<void> {
  const warning = setInterval(
    () => log.warn('Waiting for the first certificate: no traffic is served until then'),
    UNCERTIFIED_WARNING_MS,
  )
  await Promise.race([identity.ready, stopped]).finally(() => clearInterval(warning))
}

function addresses(where: Readonly<Record<string, SocketAddress>>): string {
  return Object.entries(where)
    .map(([name, { host, port }]) => `${name}=${host.includes(':') ? `[${host}]` : host}:${port}`)
    .join(' ')
}
