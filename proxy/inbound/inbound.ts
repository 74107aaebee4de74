import { ConnectionSet, type Listener, listen } from '#proxy/accept/listener.ts'
import { createTlsTerminator } from '#proxy/accept/tls-terminator.ts'
import type { Config } from '#proxy/config.ts'
import { InFlight } from '#proxy/http/in-flight.ts'
import type { Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'
import type { InboundPolicies } from '#proxy/policy/inbound-policies.ts'
import type { Taps } from '#proxy/tap/taps.ts'
import type { Telemetry } from '#proxy/telemetry/telemetry.ts'
import { AppUpstreams } from './app-upstreams.ts'
import { InboundAccept } from './inbound-accept.ts'
import type { InboundContext } from './inbound-context.ts'
import { RulesOfPorts } from './port-rules.ts'
import { ServerNames } from './server-names.ts'
import type { ServiceProfiles } from './service-profiles.ts'

/** Opens the inbound port: connections from elsewhere, for the app beside this proxy. */
export async function startInbound({
  config,
  identity,
  policies,
  profiles,
  telemetry,
  taps,
  log,
}: {
  config: Config
  identity: Identity
  policies: InboundPolicies
  profiles: ServiceProfiles
  telemetry: Telemetry
  taps: Taps
  log: Log
}): Promise<Listener> {
  const connections = new ConnectionSet()
  const appTransport = telemetry.inboundDestination()
  const upstreams = new AppUpstreams(config, appTransport)
  const context: InboundContext = {
    config,
    identity,
    policies,
    profiles,
    rules: new RulesOfPorts(policies),
    telemetry,
    log,
    connections,
    terminator: createTlsTerminator(identity, config.inboundDetectTimeoutMs, Date.now),
    upstreams,
    appTransport,
    taps,
    serverNames: new ServerNames(config.metricsRetainIdleMs),
    random: Math.random,
    inFlight: new InFlight(config.maxInFlight),
  }
  for (const port of [...config.appPorts, ...config.inboundPorts]) policies.forPort(port)
  const listener = await listen(config.inboundListen, connections, {
    accept: socket => new InboundAccept(context, socket).start(),
    refused: () =>
      telemetry.inboundTcpError(
        'too many connections',
        config.inboundListen.host,
        config.appPorts[0] ?? config.inboundListen.port,
      ),
  })
  return {
    address: listener.address,
    drain: async graceMs => {
      await listener.drain(graceMs)
      upstreams.close()
    },
    close: async () => {
      await listener.close()
      upstreams.close()
    },
  }
}
