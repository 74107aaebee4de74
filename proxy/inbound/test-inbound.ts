import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { TestAuthority, testIdentity } from '#proxy/accept/test-identity.ts'
import {
  allow,
  silentLog,
  testConfig,
  testPolicies,
  testProfiles,
  testTelemetry,
} from '#proxy/accept/test-proxy.ts'
import { type Cleanup, RawClient, startApp } from '#proxy/accept/test-sockets.ts'
import type { Config } from '#proxy/config.ts'
import { Taps } from '#proxy/tap/taps.ts'
import { startInbound } from './inbound.ts'

export const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local'
export const CATALOG = 'catalog.shop.serviceaccount.identity.linkerd.cluster.local'
export const GET = 'GET / HTTP/1.1\r\nHost: catalog\r\n\r\n'

export const authority = new TestAuthority('mesh')
/** An inbound listener for an app at the port. */
export async function startProxy(cleanup: Cleanup, appPort: number, overrides: Partial<Config> = {}) {
  const policies = testPolicies(allow({ kind: 'unauthenticated' }))
  const profiles = testProfiles()
  const telemetry = testTelemetry()
  const identity = testIdentity(CATALOG, authority.certify(CATALOG))
  const listener = await startInbound({
    config: testConfig({ appPorts: [appPort], inboundPorts: [appPort], ...overrides }),
    identity,
    policies,
    profiles,
    telemetry,
    taps: new Taps(telemetry),
    log: silentLog,
  })
  cleanup.add(listener, one => one.close())
  return {
    listener,
    policies,
    profiles,
    identity,
    connect: (from = '127.18.9.7') => RawClient.connect(cleanup, listener.address, from),
    metrics: () => Buffer.from(telemetry.render()).toString(),
  }
}

export type InboundProxy = Awaited<ReturnType<typeof startProxy>>

/** A client in TLS with the given certificate, or none. */
export function secure(
  cleanup: Cleanup,
  { listener }: InboundProxy,
  certified: ReturnType<TestAuthority['certify']> | null,
  options: tls.ConnectionOptions = {},
): RawClient {
  const all = {
    ...listener.address,
    localAddress: '127.18.9.7',
    servername: CATALOG,
    checkServerIdentity: () => undefined,
    ...(certified === null ? { ca: authority.certificate.toString() } : { secureContext: certified.client }),
    ...options,
  }
  const socket: Socket = tls.connect(all)
  return new RawClient(cleanup, socket)
}

/** An app that answers `ok`, and keeps who asked. */
export async function startEcho(cleanup: Cleanup) {
  const seen = { clientIds: [] as unknown[], requests: 0 }
  const port = await startApp(cleanup, (request, response) => {
    seen.requests++
    seen.clientIds.push(request.headers['l5d-client-id'])
    response.end('ok')
  })
  return { port, seen }
}
