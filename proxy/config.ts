import type { DefaultPolicyName } from '#lib/policy/default-policy.ts'
import type { Http2Settings } from './http2/session-options.ts'
import type { LogLevel } from './log.ts'
import type { ServiceName } from './outbound/resolve-name.ts'

/** Everything a proxy is told at start, parsed from its environment once. Times in milliseconds. */
export interface Config {
  readonly inboundListen: SocketAddress
  readonly outboundListen: SocketAddress
  /** Ports for one destination each: for what is no HTTP, and for clients that cannot name a host. */
  readonly destinationListeners: readonly DestinationListener[]
  readonly adminListen: SocketAddress
  readonly controlListen: SocketAddress
  /** The identity that may tap; `null`: nobody, and the control port stays shut. */
  readonly tapClientName: string | null
  readonly mode: 'explicit' | 'redirect'
  readonly appHost: string
  /** The first takes connections that come without a transport header. */
  readonly appPorts: readonly number[]
  readonly inboundPorts: readonly number[]
  readonly inboundIps: readonly string[]
  readonly egress: 'deny' | 'allow'
  readonly requestIds: boolean
  readonly clusterDomain: string
  /** The proxy's own namespace: short names resolve in it. */
  readonly namespace: string
  readonly inboundConnectTimeoutMs: number
  readonly outboundConnectTimeoutMs: number
  readonly inboundDetectTimeoutMs: number
  readonly outboundDetectTimeoutMs: number
  readonly poolIdleTimeoutMs: number
  readonly maxIdlePerEndpoint: number
  readonly maxInFlight: number
  readonly failfastTimeoutMs: number
  readonly queueCapacity: number
  readonly discoveryIdleTimeoutMs: number
  /** How long a first resolution waits for the ServiceProfile and the policy. */
  readonly profileTimeoutMs: number
  /** How HTTP/2 connections are kept: toward clients, and toward the app and other instances. */
  readonly http2: Readonly<
    Record<'inboundServer' | 'inboundClient' | 'outboundServer' | 'outboundClient', Http2Settings>
  >
  readonly shutdownGracePeriodMs: number
  readonly metricsRetainIdleMs: number
  readonly informationalHeaders: boolean
  readonly shutdownEndpoint: boolean
  readonly inboundDefaultPolicy: DefaultPolicyName
  readonly clusterNetworks: readonly string[]
  readonly destination: ControlAddress
  readonly policy: ControlAddress & { readonly workload: string }
  readonly identity: ControlAddress & {
    readonly directory: string
    readonly trustAnchorsPem: string
    readonly tokenFile: string
    readonly localName: string
    readonly minRefreshMs: number
    readonly maxRefreshMs: number
  }
  readonly destinationContext: string
  readonly logLevel: LogLevel
  /** The proxy's own variables, as it was started with them. */
  readonly environment: Readonly<Record<string, string>>
}

export interface DestinationListener {
  readonly listen: SocketAddress
  readonly destination: ServiceName
}

export interface SocketAddress {
  readonly host: string
  readonly port: number
}

export interface ControlAddress extends SocketAddress {
  /** The identity the service must prove; `null` on loopback, where it speaks plaintext. */
  readonly name: string | null
}
