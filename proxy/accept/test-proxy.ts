import type { Authorization, ServerPolicy } from '#lib/policy/server-policy.ts'
import type { RouteTable } from '#lib/profile/route-table.ts'
import type { Config } from '#proxy/config.ts'
import type { Destination, Discovery, Endpoint, Resolution } from '#proxy/discovery/discovery.ts'
import { HTTP2_DEFAULTS } from '#proxy/http2/session-options.ts'
import type { ServiceProfiles } from '#proxy/inbound/service-profiles.ts'
import { createLog, type Log } from '#proxy/log.ts'
import type { InboundPolicies } from '#proxy/policy/inbound-policies.ts'
import { readProcessStats } from '#proxy/telemetry/process-stats.ts'
import { ProxyTelemetry } from '#proxy/telemetry/proxy-telemetry.ts'

export const silentLog: Log = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }

/** A log that keeps its lines. */
export function recordingLog(): { readonly log: Log; readonly lines: readonly string[] } {
  const lines: string[] = []
  return { log: createLog({ level: 'debug', write: line => lines.push(line), nowMs: Date.now }), lines }
}

const local = (host: string) => ({ host, port: 0 })

/** A config for tests: every port is free, every limit is Linkerd's unless told otherwise. */
export function testConfig(overrides: Partial<Config> = {}): Config {
  const nowhere = { host: '127.0.0.1', port: 1, name: null }
  return {
    inboundListen: local('127.18.9.2'),
    outboundListen: local('127.18.9.1'),
    destinationListeners: [],
    adminListen: local('127.0.0.1'),
    controlListen: local('127.0.0.1'),
    tapClientName: null,
    mode: 'explicit',
    appHost: '127.0.0.1',
    appPorts: [],
    inboundPorts: [],
    inboundIps: [],
    egress: 'deny',
    requestIds: true,
    clusterDomain: 'cluster.local',
    namespace: 'shop',
    inboundConnectTimeoutMs: 300,
    outboundConnectTimeoutMs: 1000,
    inboundDetectTimeoutMs: 10_000,
    outboundDetectTimeoutMs: 10_000,
    poolIdleTimeoutMs: 3000,
    maxIdlePerEndpoint: 100,
    maxInFlight: 1000,
    failfastTimeoutMs: 300,
    queueCapacity: 100,
    discoveryIdleTimeoutMs: 5000,
    http2: {
      inboundServer: HTTP2_DEFAULTS,
      inboundClient: HTTP2_DEFAULTS,
      outboundServer: HTTP2_DEFAULTS,
      outboundClient: HTTP2_DEFAULTS,
    },
    shutdownGracePeriodMs: 1000,
    metricsRetainIdleMs: 600_000,
    informationalHeaders: true,
    shutdownEndpoint: false,
    inboundDefaultPolicy: 'all-unauthenticated',
    clusterNetworks: [],
    destination: nowhere,
    policy: { ...nowhere, workload: 'shop:web' },
    identity: {
      ...nowhere,
      directory: '',
      trustAnchorsPem: '',
      tokenFile: '',
      localName: '',
      minRefreshMs: 1000,
      maxRefreshMs: 1000,
    },
    destinationContext: '',
    profileTimeoutMs: 500,
    logLevel: 'error',
    environment: {},
    ...overrides,
  }
}

export function testTelemetry(): ProxyTelemetry {
  return new ProxyTelemetry({
    nowMs: Date.now,
    retainIdleMs: 600_000,
    processStats: readProcessStats,
    build: { version: 'test', gitSha: '', date: '' },
  })
}

const EVERYWHERE = [
  { cidr: '0.0.0.0/0', except: [] },
  { cidr: '::/0', except: [] },
]

export function allow(authentication: Authorization['authentication']): ServerPolicy {
  return {
    server: { group: '', kind: 'default', name: 'test' },
    protocol: 'detect',
    detectTimeoutMs: 10_000,
    authorizations: [
      { ref: { group: '', kind: 'default', name: 'test' }, networks: EVERYWHERE, authentication },
    ],
    routes: [],
    rateLimit: null,
  }
}

/** One policy for all ports; `set` changes it. */
export function testPolicies(first: ServerPolicy): InboundPolicies & { set(policy: ServerPolicy): void } {
  let policy = first
  const listeners = new Set<(port: number) => void>()
  const ports = new Set<number>()
  return {
    forPort: port => {
      ports.add(port)
      return policy
    },
    subscribe: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close: async () => {},
    set: next => {
      policy = next
      for (const listener of listeners) for (const port of ports) listener(port)
    },
  }
}

/** Routes of services that the test sets; all others have none. */
export function testProfiles(): ServiceProfiles & { set(authority: string, table: RouteTable | null): void } {
  const tables = new Map<string, RouteTable | null>()
  return {
    routesOf: authority => tables.get(authority) ?? null,
    set: (authority, table) => tables.set(authority, table),
    close: async () => {},
  }
}

/** Destinations that the test resolves by `set`; `missing` are all the others. */
export function testDiscovery(): Discovery & { set(authority: string, resolution: Resolution): void } {
  const resolutions = new Map<string, Resolution>()
  const listeners = new Map<string, Set<() => void>>()
  const destination = (authority: string): Destination => ({
    authority,
    current: () => resolutions.get(authority) ?? { state: 'missing', reason: 'unknown to the test' },
    subscribe: listener => {
      const all = listeners.get(authority) ?? new Set()
      listeners.set(authority, all.add(listener))
      return () => all.delete(listener)
    },
    release: () => {},
  })
  return {
    destination,
    close: async () => {},
    set: (authority, resolution) => {
      resolutions.set(authority, resolution)
      for (const listener of listeners.get(authority) ?? []) listener()
    },
  }
}

/** An unmeshed endpoint at an address, changed by `overrides`. */
export function testEndpoint(ip: string, port: number, overrides: Partial<Endpoint> = {}): Endpoint {
  return {
    address: `${ip}:${port}`,
    ip,
    port,
    labels: { service: 'app', namespace: 'shop' },
    tls: null,
    inboundPort: null,
    http2: false,
    ...overrides,
  }
}
