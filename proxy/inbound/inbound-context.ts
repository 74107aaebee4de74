import type { ConnectionSet } from '#proxy/accept/listener.ts'
import type { TlsTerminator } from '#proxy/accept/tls-terminator.ts'
import type { Config } from '#proxy/config.ts'
import type { InFlight } from '#proxy/http/in-flight.ts'
import type { Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'
import type { InboundPolicies } from '#proxy/policy/inbound-policies.ts'
import type { Taps } from '#proxy/tap/taps.ts'
import type { Telemetry, TransportMetrics } from '#proxy/telemetry/telemetry.ts'
import type { AppUpstreams } from './app-upstreams.ts'
import type { RulesOfPorts } from './port-rules.ts'
import type { ServerNames } from './server-names.ts'
import type { ServiceProfiles } from './service-profiles.ts'

/** What all connections of the inbound side share. */
export interface InboundContext {
  readonly config: Config
  readonly identity: Identity
  readonly policies: InboundPolicies
  readonly profiles: ServiceProfiles
  readonly rules: RulesOfPorts
  readonly telemetry: Telemetry
  readonly log: Log
  readonly connections: ConnectionSet
  readonly terminator: TlsTerminator
  readonly upstreams: AppUpstreams
  readonly appTransport: TransportMetrics
  readonly inFlight: InFlight
  readonly taps: Taps
  readonly serverNames: ServerNames
  /** From 0 to below 1. */
  readonly random: () => number
}

/** One connection after TLS: who came, and for which port of the app. */
export interface InboundPeer {
  readonly ip: string
  /** Where the client's connection comes from. */
  readonly clientPort: number
  /** The app's. */
  readonly port: number
  readonly tls:
    | { readonly kind: 'none'; readonly reason: string }
    /** TLS for another server, which the app ends; its name as a label. */
    | { readonly kind: 'opaque'; readonly serverName: string }
    | { readonly kind: 'mesh'; readonly clientId: string }
}
