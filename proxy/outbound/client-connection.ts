import type { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { TapAddress } from '#lib/tap/tap-match.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'

/** A connection of the app as it came, before it is known what it carries. */
export interface ClientConnection {
  readonly socket: Socket
  /** Read of it already, and counted by whoever takes the connection. */
  readonly first: Buffer
  /** Told that the connection is open; whoever takes it tells that it closes. */
  readonly transport: TransportMetrics
  readonly source: TapAddress
  /** Where it connected to. */
  readonly target: { readonly ip: string; readonly port: number }
}
