import { once } from 'node:events'
import type http2 from 'node:http2'
import { afterEach, expect, test } from 'vitest'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { startProxy as startInbound } from '#proxy/inbound/test-inbound.ts'
import { AUTHORITY, startProxy as startOutbound } from '#proxy/outbound/test-outbound.ts'
import { HTTP2_DEFAULTS } from './session-options.ts'
import { ask, connectHttp2, startHttp2App } from './test-http2.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const SERVER = { ...HTTP2_DEFAULTS, streamWindowBytes: 70_000, connectionWindowBytes: 900_000, maxStreams: 7 }
const CLIENT = { ...HTTP2_DEFAULTS, streamWindowBytes: 80_000, connectionWindowBytes: 800_000, maxStreams: 2 }
const HTTP2 = {
  inboundServer: SERVER,
  inboundClient: CLIENT,
  outboundServer: SERVER,
  outboundClient: CLIENT,
}

/** What a peer told the other about itself. */
const told = ({ remoteSettings, state }: http2.Http2Session) => ({
  stream: remoteSettings.initialWindowSize,
  streams: remoteSettings.maxConcurrentStreams,
  connection: state.remoteWindowSize,
})

test.each(['inbound', 'outbound'] as const)(
  '%s connections are kept as the configuration says',
  async side => {
    const waiting: http2.ServerHttp2Stream[] = []
    const app = await startHttp2App(cleanup, stream => waiting.push(stream))
    const address =
      side === 'inbound'
        ? (await startInbound(cleanup, app.port, { http2: HTTP2 })).listener.address
        : (await startOutbound(cleanup, [app.port], { http2: HTTP2 })).listener.address
    const client = connectHttp2(cleanup, address)
    await once(client, 'remoteSettings')
    const answers = [1, 2, 3].map(() => ask(client, { ':authority': 'app' }))
    await until(() => waiting.length === 3, 'all requests')
    expect(told(client)).toEqual({ stream: 70_000, streams: 7, connection: 900_000 })
    const sessions = new Set(waiting.flatMap(({ session }) => session ?? []))
    expect(sessions.size).toBe(2)
    for (const session of sessions)
      expect(told(session)).toMatchObject({ stream: 80_000, connection: 800_000 })
    for (const stream of waiting) stream.respond({ ':status': 204 }, { endStream: true })
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([204, 204, 204])
  },
)

test('outbound connections are kept as discovery says of the endpoint', async () => {
  const waiting: http2.ServerHttp2Stream[] = []
  const app = await startHttp2App(cleanup, stream => waiting.push(stream))
  const proxy = await startOutbound(cleanup, [app.port], { http2: HTTP2 })
  const http2Settings = { streamWindowBytes: 90_000, connectionWindowBytes: 850_000, maxFrameBytes: 32_768 }
  const endpoint = testEndpoint('127.0.0.1', app.port, { http2Settings })
  proxy.discovery.set(AUTHORITY, { state: 'resolved', endpoints: [endpoint], routes: null })
  const answer = ask(connectHttp2(cleanup, proxy.listener.address), { ':authority': 'app' })
  await until(() => waiting.length === 1, 'the request')
  const session = waiting[0]?.session
  if (session === undefined) throw new Error('The stream has no session')
  expect(told(session)).toMatchObject({ stream: 90_000, connection: 850_000 })
  expect(session.remoteSettings.maxFrameSize).toBe(32_768)
  waiting[0]?.respond({ ':status': 204 }, { endStream: true })
  expect((await answer).status).toBe(204)
})
