import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'
import type { Route, RouteTable } from '#lib/profile/route-table.ts'
import { testIdentity } from '#proxy/accept/test-identity.ts'
import {
  silentLog,
  testConfig,
  testDiscovery,
  testEndpoint,
  testTelemetry,
} from '#proxy/accept/test-proxy.ts'
import { type Cleanup, RawClient, startTcp } from '#proxy/accept/test-sockets.ts'
import type { Config } from '#proxy/config.ts'
import { Taps } from '#proxy/tap/taps.ts'
import { startOutbound } from './outbound.ts'

/** What the name `app` stands for. */
export const AUTHORITY = 'app.shop.svc.cluster.local:80'
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
export const GET = 'GET / HTTP/1.1\r\nHost: app\r\n\r\n'

/** A profile of one route that takes all requests. */
export function testRoutes(route: Partial<Route> = {}): RouteTable {
  const all = {
    name: 'all',
    labels: {},
    isRetryable: false,
    timeoutMs: null,
    isFailure: () => null,
    ...route,
  }
  return { authority: AUTHORITY, match: () => all }
}

/** An outbound listener in front of plain endpoints on 127.0.0.1. */
export async function startProxy(
  cleanup: Cleanup,
  ports: readonly number[],
  overrides: Partial<Config> = {},
) {
  const discovery = testDiscovery()
  const telemetry = testTelemetry()
  const taps = new Taps(telemetry)
  const endpoints = ports.map(port => testEndpoint('127.0.0.1', port))
  discovery.set(AUTHORITY, { state: 'resolved', endpoints, routes: null })
  const config = testConfig({ outboundListen: { host: '127.0.0.1', port: 0 }, ...overrides })
  const listener = await startOutbound({
    config,
    identity: testIdentity('web', null),
    discovery,
    telemetry,
    taps,
    log: silentLog,
  })
  cleanup.add(listener, one => one.close())
  return {
    listener,
    discovery,
    taps,
    connect: () => RawClient.connect(cleanup, listener.address),
    metrics: () => Buffer.from(telemetry.render()).toString(),
  }
}

/** An upstream that answers each read with what `answer` gives, and keeps what it read. */
export async function startRaw(cleanup: Cleanup, answer: (read: string, socket: Socket) => string | null) {
  const seen = { text: '', connections: 0, sockets: [] as Socket[] }
  const port = await startTcp(cleanup, socket => {
    seen.connections++
    seen.sockets.push(socket)
    socket.on('data', chunk => {
      const text = (chunk as Buffer).toString('latin1')
      seen.text += text
      const reply = answer(text, socket)
      if (reply !== null) socket.write(reply, 'latin1')
    })
  })
  return { port, seen }
}
