import type { ConnectionSet } from '#proxy/accept/listener.ts'
import type { Config } from '#proxy/config.ts'
import type { Discovery } from '#proxy/discovery/discovery.ts'
import type { InFlight } from '#proxy/http/in-flight.ts'
import type { Identity } from '#proxy/identity/identity.ts'
import type { Log } from '#proxy/log.ts'
import type { Taps } from '#proxy/tap/taps.ts'
import type { Telemetry } from '#proxy/telemetry/telemetry.ts'

/** What all requests of the outbound side share. */
export interface OutboundContext {
  readonly config: Config
  readonly identity: Identity
  readonly discovery: Discovery
  readonly telemetry: Telemetry
  readonly log: Log
  readonly connections: ConnectionSet
  readonly inFlight: InFlight
  readonly taps: Taps
  /** The address that connections to other instances come from; `null`: the system's choice. */
  readonly localAddress: string | null
  readonly random: () => number
}
