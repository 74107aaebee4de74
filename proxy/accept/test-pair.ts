import { Buffer } from 'node:buffer'
import type { Config } from '#proxy/config.ts'
import { startInbound } from '#proxy/inbound/inbound.ts'
import { startOutbound } from '#proxy/outbound/outbound.ts'
import { Taps } from '#proxy/tap/taps.ts'
import { TestAuthority, testIdentity } from './test-identity.ts'
import {
  allow,
  recordingLog,
  testConfig,
  testDiscovery,
  testEndpoint,
  testPolicies,
  testProfiles,
  testTelemetry,
} from './test-proxy.ts'
import { type Cleanup, startApp } from './test-sockets.ts'

export const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local'
export const CATALOG = 'catalog.shop.serviceaccount.identity.linkerd.cluster.local'
export const AUTHORITY = 'catalog.shop.svc.cluster.local:80'

/** An outbound listener of `web` whose `catalog` is behind an inbound listener, in mesh TLS. */
export async function startPair(
  cleanup: Cleanup,
  /** The app, or the port of one that runs. */
  app: Parameters<typeof startApp>[1] | number,
  overrides: { inbound?: Partial<Config>; outbound?: Partial<Config> } = {},
) {
  const authority = new TestAuthority('mesh')
  const appPort = typeof app === 'number' ? app : await startApp(cleanup, app)
  const identity = testIdentity(CATALOG, authority.certify(CATALOG))
  const policies = testPolicies(allow({ kind: 'unauthenticated' }))
  const inboundTelemetry = testTelemetry()
  const outboundTelemetry = testTelemetry()
  const logs = { inbound: recordingLog(), outbound: recordingLog() }
  const taps = { inbound: new Taps(inboundTelemetry), outbound: new Taps(outboundTelemetry) }
  const inbound = await startInbound({
    config: testConfig({ appPorts: [appPort], ...overrides.inbound }),
    identity,
    policies,
    profiles: testProfiles(),
    telemetry: inboundTelemetry,
    taps: taps.inbound,
    log: logs.inbound.log,
  })
  cleanup.add(inbound, listener => listener.close())
  const discovery = testDiscovery()
  const webIdentity = testIdentity(WEB, authority.certify(WEB))
  const outbound = await startOutbound({
    config: testConfig(overrides.outbound),
    identity: webIdentity,
    discovery,
    telemetry: outboundTelemetry,
    taps: taps.outbound,
    log: logs.outbound.log,
  })
  cleanup.add(outbound, listener => listener.close())
  const endpoint = testEndpoint('127.18.9.2', appPort, {
    tls: { serverName: CATALOG, serverId: CATALOG },
    inboundPort: inbound.address.port,
  })
  discovery.set(AUTHORITY, { state: 'resolved', endpoints: [endpoint], routes: null })
  return {
    appPort,
    inbound,
    outbound,
    policies,
    discovery,
    endpoint,
    identity,
    webIdentity,
    authority,
    taps,
    logs: { inbound: logs.inbound.lines, outbound: logs.outbound.lines },
    metrics: {
      inbound: () => Buffer.from(inboundTelemetry.render()).toString(),
      outbound: () => Buffer.from(outboundTelemetry.render()).toString(),
    },
  }
}
