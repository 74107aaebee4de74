import { Buffer } from 'node:buffer'
import { afterEach, describe, expect, test } from 'vitest'
import { startInbound } from '#proxy/inbound/inbound.ts'
import { startOutbound } from '#proxy/outbound/outbound.ts'
import { TestAuthority, testIdentity } from './test-identity.ts'
import {
  allow,
  silentLog,
  testConfig,
  testDiscovery,
  testEndpoint,
  testPolicies,
  testTelemetry,
} from './test-proxy.ts'
import { Cleanup, RawClient, startApp } from './test-sockets.ts'

const WEB = 'web.shop.serviceaccount.identity.linkerd.cluster.local'
const CATALOG = 'catalog.shop.serviceaccount.identity.linkerd.cluster.local'
const AUTHORITY = 'catalog.shop.svc.cluster.local:80'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

async function startPair(handler: Parameters<typeof startApp>[1], authority = new TestAuthority('mesh')) {
  const appPort = await startApp(cleanup, handler)
  const identity = testIdentity(CATALOG, authority.certify(CATALOG))
  const policies = testPolicies(allow({ kind: 'unauthenticated' }))
  const inboundTelemetry = testTelemetry()
  const inbound = await startInbound({
    config: testConfig({ appPorts: [appPort] }),
    identity,
    policies,
    telemetry: inboundTelemetry,
    log: silentLog,
  })
  cleanup.add(inbound, listener => listener.close())
  const discovery = testDiscovery()
  const outboundTelemetry = testTelemetry()
  const webIdentity = testIdentity(WEB, authority.certify(WEB))
  const outbound = await startOutbound({
    config: testConfig(),
    identity: webIdentity,
    discovery,
    telemetry: outboundTelemetry,
    log: silentLog,
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
    metrics: {
      inbound: () => Buffer.from(inboundTelemetry.render()).toString(),
      outbound: () => Buffer.from(outboundTelemetry.render()).toString(),
    },
  }
}

describe('startOutbound() and startInbound()', () => {
  test('carry a request over mTLS, and count it on both sides', async () => {
    const seen: Record<string, unknown> = {}
    const { outbound, metrics } = await startPair((request, response) => {
      Object.assign(seen, request.headers)
      response.end('hello')
    })
    const client = await RawClient.connect(cleanup, outbound.address)
    client.send('GET /x?y=1 HTTP/1.1\r\nHost: catalog\r\nl5d-client-id: spoofed\r\n\r\n')
    await client.receives('hello')
    expect(client.received).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(seen['l5d-client-id']).toBe(WEB)
    expect(seen.host).toBe('catalog')
    expect(seen['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    expect(metrics.inbound()).toMatch(
      new RegExp(`request_total\\{direction="inbound".*client_id="${WEB}".*\\} 1`),
    )
    expect(metrics.outbound()).toMatch(
      new RegExp(`request_total\\{direction="outbound".*server_id="${CATALOG}".*\\} 1`),
    )
  })
})
