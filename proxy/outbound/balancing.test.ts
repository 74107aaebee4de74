import { afterEach, expect, test } from 'vitest'
import { ConnectionSet } from '#proxy/accept/listener.ts'
import { testIdentity } from '#proxy/accept/test-identity.ts'
import {
  silentLog,
  testConfig,
  testDiscovery,
  testEndpoint,
  testTelemetry,
} from '#proxy/accept/test-proxy.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { InFlight } from '#proxy/http/in-flight.ts'
import { Taps } from '#proxy/tap/taps.ts'
import { EndpointClient } from './endpoint-client.ts'
import { AUTHORITY, GET, startProxy, startRaw } from './test-outbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

/** An endpoint that never answers, and counts what it is asked. */
async function startSilent() {
  const seen = { requests: 0 }
  const { port } = await startRaw(cleanup, () => {
    seen.requests++
    return null
  })
  return { port, seen }
}

test('requests go to the endpoint that has fewer under way', async () => {
  const endpoints = [await startSilent(), await startSilent()]
  const { connect } = await startProxy(
    cleanup,
    endpoints.map(({ port }) => port),
  )
  const counts = () => endpoints.map(({ seen }) => seen.requests)
  for (let asked = 1; asked <= 12; asked++) {
    const client = await connect()
    client.send(GET)
    await until(() => counts().reduce((sum, count) => sum + count) === asked, 'the request')
  }
  expect(counts()).toEqual([6, 6])
})

test('EndpointClient weighs as much as its answers are slow and requests are under way', () => {
  const telemetry = testTelemetry()
  const client = new EndpointClient(
    {
      config: testConfig(),
      identity: testIdentity('web', null),
      discovery: testDiscovery(),
      telemetry,
      log: silentLog,
      connections: new ConnectionSet(),
      taps: new Taps(telemetry),
      inFlight: new InFlight(1),
      localAddress: null,
      random: () => 0,
    },
    testEndpoint('127.0.0.1', 1),
    AUTHORITY,
  )
  cleanup.add(client, one => one.close())
  const nowMs = performance.now()
  client.began()
  client.began()
  client.answered(500, nowMs)
  expect(client.load).toEqual({ estimateMs: 500, pending: 1, updatedMs: nowMs })
})
